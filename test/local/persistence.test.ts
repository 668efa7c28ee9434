/** Gates survive a restart with `--state`, and a full disk loses nothing. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { INITIAL_STATUS } from '../../src/api/status.ts';
import { type JsonObject, textIn } from '../../src/json/json.ts';
import { readState, stateWriter } from '../../src/local/stateFile.ts';
import { gate, MERGE } from '../contract/request.ts';
import { withFullDisk } from './support/fullDisk.ts';
import { type LocalServer, startServer } from './support/server.ts';

const GATES = '/apis/chaosgate.dev/v1alpha1/namespaces/staging/tcpgates';

let home: LocalServer;
let path: string;

beforeEach(async () => {
  // Lends its folder, which outlives the servers of a test.
  home = await startServer();
  path = join(home.folder, 'state.json');
});

afterEach(() => home.stop());

async function start(): Promise<LocalServer> {
  return startServer({ initial: await readState(path), persist: stateWriter(path) });
}

async function ask(server: LocalServer, method: string, at: string, body?: unknown) {
  const headers = method === 'PATCH' ? MERGE : {};
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await server.client.send(method, `${GATES}${at}`, headers, text);
  return {
    code: answer.code,
    body: JSON.parse(answer.body) as JsonObject & { metadata: JsonObject },
  };
}

test('gates are there again after a restart, with the same identity and without the old status', async () => {
  const first = await start();
  await ask(first, 'POST', '', gate('a'));
  await ask(first, 'PATCH', '/a', { spec: { toClient: { delay: { milliseconds: 300 } } } });
  await ask(first, 'PATCH', '/a/status', { status: { faults: 'none' } });
  const before = (await ask(first, 'GET', '/a')).body;
  await first.stop();

  const second = await start();
  const { body: after } = await ask(second, 'GET', '/a');
  expect(after.spec).toEqual(before.spec);
  expect(after.status).toEqual(INITIAL_STATUS);
  const { uid, creationTimestamp, generation } = before.metadata;
  expect(after.metadata).toMatchObject({ uid, creationTimestamp, generation, name: 'a' });
  expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(
    Number(before.metadata.resourceVersion),
  );
  // The namespace is there, and a watch of the earlier life has to begin again.
  expect(await second.kubectl.run('get', 'ns', 'staging', '-o', 'name')).toBe(
    'namespace/staging\n',
  );
  const old = `?watch=true&timeoutSeconds=1&resourceVersion=${textIn(before.metadata, 'resourceVersion')}`;
  const watched = await second.client.send('GET', `${GATES}${old}`);
  expect(watched.body).toContain('"code":410');
  await second.stop();
});

test('a gate that is deleted stays deleted', async () => {
  const first = await start();
  await ask(first, 'POST', '', gate('a'));
  await ask(first, 'DELETE', '/a');
  await first.stop();
  expect(await readState(path)).toEqual([]);
});

test('a gate that is no longer valid is skipped and reported; the others come back', async () => {
  const kept = { ...gate('a', undefined, { namespace: 'staging', uid: 'u' }) } as JsonObject;
  const bad = {
    ...gate('b', { upstream: { host: '', port: 0 } }, { namespace: 'staging', uid: 'v' }),
  } as JsonObject;
  await stateWriter(path)([kept, bad, { metadata: 7 }]);
  const server = await start();
  expect((await ask(server, 'GET', '/a')).code).toBe(200);
  expect((await ask(server, 'GET', '/b')).code).toBe(404);
  expect(server.api.refused).toEqual([
    {
      name: 'staging/b',
      problems: [
        expect.stringContaining('spec.upstream.port: Invalid value: 0'),
        expect.stringContaining('spec.upstream.host: Invalid value: '),
      ],
    },
    { name: '', problems: [expect.stringContaining('cannot unmarshal number')] },
  ]);
  await server.stop();
});

test('on a full disk a change is refused with the reason, and is not made', async () => {
  const server = await start();
  await ask(server, 'POST', '', gate('a'));
  const { metadata } = (await ask(server, 'GET', '/a')).body;
  const refused = await withFullDisk(process.pid, () =>
    ask(server, 'PATCH', '/a', { spec: { seed: 7 } }),
  );
  expect(refused).toMatchObject({
    code: 500,
    body: {
      message: expect.stringMatching(/nothing was changed.*state\.json.*(too large|no space left)/),
    },
  });
  expect((await ask(server, 'GET', '/a')).body.metadata).toEqual(metadata);
  expect(await readState(path)).toHaveLength(1);
  expect((await ask(server, 'PATCH', '/a', { spec: { seed: 7 } })).code).toBe(200);
  expect(await readState(path)).toMatchObject([{ spec: { seed: 7 } }]);
  await server.stop();
});
