import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freePort } from '../gate/support/ports.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** Of a cluster where nobody wants gates. */
const ANOTHER = `
clusters: [{ name: a, cluster: { server: 'https://127.0.0.1:1' } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
users: [{ name: a, user: {} }]
current-context: a
`;

test.each([
  ['KUBECONFIG', []],
  ['the file of a running one, before ~/.kube/config', ['env', '-u', 'KUBECONFIG']],
])('the library finds `chaosgate up` and its gates by %s, and says so once', async (_, without) => {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-client-'));
  const kubeconfig = join(folder, '.chaosgate/kubeconfig');
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
    await mkdir(join(folder, '.kube'));
    await writeFile(join(folder, '.kube/config'), ANOTHER);
    const up = ['up', '-f', file, '--output', 'json'];
    const job = [
      ...without,
      process.execPath,
      join(import.meta.dirname, 'support/underUp.ts'),
      `${port}`,
    ];
    const { stdout, stderr } = await run(
      process.execPath,
      [join(root, 'bin/chaosgate.cjs'), ...up, '--exit-with', ...job],
      { env: { ...process.env, HOME: folder } },
    );
    expect(stdout).toMatch(/^ok$/m);
    const said = stderr.match(/\[CHAOSGATE_SERVER\].*/g) ?? [];
    expect(said).toHaveLength(1);
    const path = without.length === 0 ? `KUBECONFIG (${kubeconfig})` : kubeconfig;
    expect(said[0]).toMatch(
      /Gates are created in namespace "default" of https:\/\/127\.0\.0\.1:\d+,/,
    );
    expect(said[0]).toContain(`of ${path}. `);
  } finally {
    await rm(folder, { recursive: true });
  }
});
