import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Snapshot } from '../../src/control/messages.ts';
import { Conversation } from '../conversation.ts';
import { imageProcess } from '../image.ts';

/** A process that runs many gates, bundled and run as the image's file is. */
export interface GateProcess {
  readonly pid: number;
  /** Makes it so many gates, without a snapshot. Returns seconds. */
  grow(gates: number): Promise<number>;
  /** Gives every gate but the first so many the snapshot, one after another. Returns seconds. */
  apply(snapshot: Snapshot, but: number): Promise<number>;
  stop(): Promise<void>;
}

/** Bundles a program of bench/ as scripts/build.ts does with the product; returns where it is. */
export async function bundleProgram(
  entry: string,
): Promise<{ file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-bench-'));
  const file = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return { file, remove: () => rm(folder, { recursive: true }) };
}

export async function startGateProcess(
  bundle: string,
  flags: readonly string[] = [],
): Promise<GateProcess> {
  const { command, env } = await imageProcess(bundle, flags);
  const program = await Conversation.start(command, env);
  const ask = async (request: object): Promise<number> =>
    ((await program.ask(request)) as { seconds: number }).seconds;
  return {
    pid: program.pid,
    grow: (gates) => ask({ gates }),
    apply: (snapshot, but) => ask({ apply: snapshot, but }),
    stop: () => program.stop(),
  };
}
