import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { UnreachableError } from '../../../src/client/errors.ts';
import { findServer, serverText } from '../../../src/client/server.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'chaosgate-home-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('KUBECONFIG', undefined);
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

/** @param server a port of 127.0.0.1 where nobody listens */
async function kubeconfig(path: string, server: number): Promise<string> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  const text = `
clusters: [{ name: a, cluster: { server: 'https://127.0.0.1:${server}' } }]
contexts: [{ name: here, context: { cluster: a, user: a } }]
users: [{ name: a, user: {} }]
current-context: here
`;
  await writeFile(file, text);
  return file;
}

test('KUBECONFIG goes before `chaosgate up`, and that before ~/.kube/config', async () => {
  await expect(findServer()).rejects.toThrow(
    'KUBECONFIG is not set, ~/.kube/config does not exist',
  );

  const own = await kubeconfig('.kube/config', 1);
  expect(serverText(await findServer())).toBe(`https://127.0.0.1:1, context "here" of ${own}`);

  const ofUp = await kubeconfig('.chaosgate/kubeconfig', 2);
  expect(serverText(await findServer())).toBe(`https://127.0.0.1:2, context "here" of ${ofUp}`);

  const named = await kubeconfig('named', 3);
  vi.stubEnv('KUBECONFIG', named);
  expect(serverText(await findServer())).toBe(
    `https://127.0.0.1:3, context "here" of KUBECONFIG (${named})`,
  );
});

test('the library asks no other server when the first one does not answer, and names it', async () => {
  await kubeconfig('.kube/config', 1);
  const ofUp = await kubeconfig('.chaosgate/kubeconfig', 2);
  const error: unknown = await connect({ timeout: 2_000 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(String(error)).toContain(`The server was https://127.0.0.1:2, context "here" of ${ofUp}`);
});
