import { afterEach, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/json/json.ts';
import { type ApiServer, startApiServer } from '../../../src/kubeapi/start.ts';
import { widgets } from './support/widgets.ts';

const servers: ApiServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** An API for widgets. @param kept gets what is to outlive it */
async function serving(initial: readonly JsonObject[] = [], kept: JsonObject[][] = []) {
  const server = await startApiServer({
    port: 0,
    program: { name: 'example', version: '1.2.3', command: 'example serve' },
    kinds: [widgets],
    kept: { kind: widgets, initial, persist: async (objects) => void kept.push([...objects]) },
    onError: (error) => {
      throw error;
    },
  });
  servers.push(server);
  return server;
}

async function asked(
  { api }: ApiServer,
  method: string,
  path: string,
  body: Json = null,
  contentType = 'application/json',
): Promise<{ code: number; body: JsonObject }> {
  const answer = await api.handle({
    method,
    path,
    query: new URLSearchParams(),
    host: 'localhost',
    accept: 'application/json',
    contentType,
    userAgent: 'test',
    body: body === null ? '' : JSON.stringify(body),
  });
  return { code: answer.code, body: JSON.parse(answer.body as string) as JsonObject };
}

const PATH = '/apis/example.com/v1/namespaces/default/widgets';

function widget(name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec };
}

test('a kind is served as its definition says', async () => {
  const server = await serving();
  const created = await asked(server, 'POST', PATH, widget('a', {}));
  expect(created).toMatchObject({
    code: 201,
    body: { spec: { size: 3 }, status: { phase: 'Pending' } },
  });
  expect(await asked(server, 'POST', PATH, widget('b', { size: 0 }))).toMatchObject({
    code: 422,
    body: { message: expect.stringContaining('spec.size') },
  });
  expect(await asked(server, 'POST', PATH, widget('b', { spare: 3 }))).toMatchObject({
    code: 422,
    body: { message: expect.stringContaining('spare must be below size') },
  });
  const { body } = await asked(server, 'GET', '/apis/example.com/v1');
  expect(body).toMatchObject({
    resources: [
      { name: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      { name: 'widgets/status' },
    ],
  });
});

test('clients hear of the program that serves', async () => {
  const server = await serving();
  const version = await asked(server, 'GET', '/version');
  expect(version.body.gitVersion).toMatch(/^v1\.\d+\.0\+example\.1\.2\.3$/);
  const pods = await asked(server, 'GET', '/api/v1/namespaces/default/pods');
  expect(pods.body.message).toContain(
    '"example serve" is no cluster, and serves namespaces, events, widgets alone',
  );
  const binary = await asked(server, 'POST', PATH, null, 'application/vnd.kubernetes.protobuf');
  expect(binary.body.message).toContain('"example serve" reads no protobuf');
});

test('what is kept of an object is put back by the next start, its status as nobody has looked at it', async () => {
  const kept: JsonObject[][] = [];
  const first = await serving([], kept);
  await asked(first, 'POST', PATH, widget('a', { size: 5 }));
  const merge = 'application/merge-patch+json';
  await asked(first, 'PATCH', `${PATH}/a/status`, { status: { phase: 'Done' } }, merge);
  const [saved] = kept.at(-1) ?? [];
  expect(saved).toMatchObject({ metadata: { name: 'a' }, spec: { size: 5 } });
  expect(saved).not.toHaveProperty('status');
  // What somebody else kept of the status stays.
  const broken = { ...saved, metadata: { name: 'b', namespace: 'default', uid: 'u' }, spec: 1 };
  const second = await serving([{ ...saved, status: { seen: 2 } }, broken]);
  expect((await asked(second, 'GET', `${PATH}/a`)).body).toMatchObject({
    spec: { size: 5 },
    status: { phase: 'Pending', seen: 2 },
  });
  expect(second.refused.map(({ name }) => name)).toEqual(['default/b']);
});
