import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freePort } from '../gate/support/ports.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

test('the library finds `chaosgate up` by KUBECONFIG, and the gates of its files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-client-'));
  try {
    const port = await freePort();
    const file = join(folder, 'gate.yaml');
    const gate = {
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { name: 'from-file' },
      spec: { upstream: { host: '127.0.0.1', port } },
    };
    await writeFile(file, JSON.stringify(gate));
    const up = ['up', '-f', file, '--kubeconfig', join(folder, 'kubeconfig'), '--output', 'json'];
    const job = [process.execPath, join(import.meta.dirname, 'support/underUp.ts'), `${port}`];
    const { stdout } = await run(
      process.execPath,
      [join(root, 'bin/chaosgate.cjs'), ...up, '--exit-with', ...job],
      { env: { ...process.env, HOME: folder } },
    );
    expect(stdout).toMatch(/^ok$/m);
  } finally {
    await rm(folder, { recursive: true });
  }
});
