import { join } from 'node:path';
import { build } from 'esbuild';

/** The agent as one file that Node runs as it is. */
export async function bundleAgent(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'agent.ts')],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['pg-native'],
  });
  return outputFiles[0]?.text ?? '';
}
