/** No request takes the time or the memory of others, and nobody without the token keeps those out who have it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/json/json.ts';
import { loopbackCertificate } from '../../src/kubeapi/http/certificate.ts';
import { HttpServer } from '../../src/kubeapi/http/server.ts';
import { Client } from '../contract/client.ts';
import { APPLY, GATES, gate, JSON_PATCH, MERGE, upstream } from '../contract/request.ts';
import { type LocalServer, startServer } from './support/server.ts';

let server: LocalServer;
const path = GATES.replace('{ns}', 'default');
const yaml = { 'content-type': 'application/yaml' };

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.stop();
  expect(server.errors).toEqual([]);
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly body: string;
}

/** The answer, and how long the event loop could do nothing else, in milliseconds of the processor. */
async function ask(
  { method, path: to, headers, accept = 'application/json', body }: Sent,
  api = server.api.api,
) {
  const [at = '', query] = to.split('?');
  const before = process.threadCpuUsage();
  const answer = await api.handle({
    method,
    path: at,
    query: new URLSearchParams(query),
    host: 'localhost',
    accept,
    contentType: headers?.['content-type'] ?? 'application/json',
    userAgent: 'test/1',
    body: Buffer.from(body),
  });
  const { user, system } = process.threadCpuUsage(before);
  return { code: answer.code, text: answer.body as string, took: (user + system) / 1_000 };
}

/** Milliseconds. */
const LONGEST = 100;

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const members = (count: number, value: unknown = '') =>
  Object.fromEntries(many(count, (index) => [`k${index}`, value]));
const post = (object: unknown, headers = {}): Sent => ({
  method: 'POST',
  path: `${path}?dryRun=All`,
  headers,
  body: typeof object === 'string' ? object : JSON.stringify(object),
});
const patch = (headers: Record<string, string>, body: unknown): Sent => ({
  method: 'PATCH',
  path: `${path}/full?fieldManager=test&dryRun=All`,
  headers,
  body: JSON.stringify(body),
});
const owner = (index: number) => ({ apiVersion: 'v1', kind: 'P', name: 'n', uid: `${index}` });
const copy = { op: 'copy', from: '/spec/x', path: '/spec/x/-' };
const repeated = (count: number, text: string) => many(count, () => text).join('');

/** As large as one may be. */
const FULL = gate('full', { upstream }, { annotations: members(4_500) });
const TOO_MANY = 'limit is 5000 values';

const ATTACKS: Readonly<Record<string, readonly [sent: () => Sent, code: number, text?: string]>> =
  {
    'an object of megabytes of small values': [
      () => post(gate('a', { upstream }, { annotations: members(200_000) })),
      413,
      TOO_MANY,
    ],
    'as many annotations as there may be': [
      () => post({ ...FULL, metadata: { name: 'a', annotations: members(4_900) } }),
      201,
    ],
    'as many, answered in YAML': [
      () => ({
        ...post(gate('a', { upstream }, { annotations: members(4_900) })),
        accept: 'application/yaml',
      }),
      201,
      'k4899',
    ],
    'half as many, answered in YAML': [
      () => ({
        ...post(gate('a', { upstream }, { annotations: members(2_400) })),
        accept: 'application/yaml',
      }),
      201,
      'k2399: ',
    ],
    'as many labels': [() => post(gate('a', { upstream }, { labels: members(4_900) })), 201],
    'as many finalizers': [
      () => post(gate('a', { upstream }, { finalizers: many(4_900, (index) => `a.b/${index}`) })),
      201,
    ],
    '150,000 finalizers': [
      () => post(gate('a', { upstream }, { finalizers: many(150_000, (index) => `a.b/${index}`) })),
      413,
      TOO_MANY,
    ],
    'as many owners': [
      () => post(gate('a', { upstream }, { ownerReferences: many(950, owner) })),
      201,
    ],
    'as many finalizers, applied': [
      () => ({
        ...patch(
          APPLY,
          gate('b', { upstream }, { finalizers: many(4_900, (index) => `a.b/${index}`) }),
        ),
        path: `${path}/b?fieldManager=test&dryRun=All`,
      }),
      201,
    ],
    'owners of fields in megabytes': [
      () =>
        post(
          gate(
            'a',
            { upstream },
            {
              managedFields: [
                {
                  apiVersion: 'chaosgate.dev/v1alpha1',
                  manager: 'm',
                  operation: 'Update',
                  fieldsType: 'FieldsV1',
                  fieldsV1: members(150_000, {}),
                },
              ],
            },
          ),
        ),
      413,
      TOO_MANY,
    ],
    '200,000 unknown fields': [
      () => post(gate('a', { upstream, ...members(200_000, 1) })),
      413,
      TOO_MANY,
    ],
    'as many unknown fields': [() => post(gate('a', { upstream, ...members(4_900, 1) })), 201],
    'a key 100,000 times': [
      () => post(`{"spec":{${repeated(100_000, '"seed":1,')}"seed":2}}`),
      413,
      TOO_MANY,
    ],
    '10,000 keys in YAML': [
      () => post(`a:\n${many(10_000, (index) => ` k${index}: v\n`).join('')}`, yaml),
      400,
      'more than 20000 tokens',
    ],
    'as many keys as may be in YAML': [
      () => post(`kind: TcpGate\na:\n${many(2_400, (index) => ` k${index}: v\n`).join('')}`, yaml),
      400,
      'API version',
    ],
    'a list that nests in YAML': [() => post('- '.repeat(9_000), yaml), 400, 'too deep'],
    'a patch that copies a list into itself': [
      () =>
        patch(JSON_PATCH, [{ op: 'add', path: '/spec/x', value: [1] }, ...many(26, () => copy)]),
      422,
    ],
    'a patch of 10,000 operations': [
      () =>
        patch(
          JSON_PATCH,
          many(10_000, () => ({ op: 'test', path: '/kind', value: 'TcpGate' })),
        ),
      200,
    ],
    'a patch that copies all 10,000 times': [
      () =>
        patch(
          JSON_PATCH,
          many(10_000, (index) => ({ op: 'copy', from: '/spec', path: `/x${index}` })),
        ),
      422,
    ],
    'a patch that moves a list 9,000 times': [
      () =>
        patch(JSON_PATCH, [
          { op: 'add', path: '/x', value: many(15_000, () => 1) },
          ...many(9_000, () => ({ op: 'add', path: '/x/0', value: 1 })),
        ]),
      422,
    ],
    'a merge patch of as many fields': [() => patch(MERGE, { spec: members(4_900, null) }), 200],
    'a text of megabytes': [
      () => post(gate('a', { upstream }, { annotations: { a: 'x'.repeat(2_900_000) } })),
      422,
      'Too long',
    ],
    'quotes in megabytes': [() => post(`{"a":"${'\\"'.repeat(1_400_000)}"}`), 400],
    'a name of megabytes': [() => post(gate('a.'.repeat(1_400_000))), 422],
    'a host of megabytes': [
      () => post(gate('a', { upstream: { host: 'a-'.repeat(1_400_000), port: 1 } })),
      422,
    ],
    'an event of megabytes': [
      () => ({
        method: 'POST',
        path: '/api/v1/namespaces/default/events',
        body: JSON.stringify({
          metadata: { name: 'e' },
          involvedObject: { namespace: 'default' },
          message: 'm'.repeat(2_900_000),
        }),
      }),
      500,
      'limit is 1572864 bytes',
    ],
  };

describe('holds up the loop for no tenth of a second:', () => {
  beforeAll(async () => {
    await ask({ ...post(FULL), path });
  });

  test.each(Object.entries(ATTACKS))('%s', async (_, [make, code, text = '']) => {
    const sent = make();
    const answers = [await ask(sent), await ask(sent), await ask(sent)];
    for (const answer of answers) {
      expect(answer.code, answer.text.slice(0, 500)).toBe(code);
      expect(answer.text).toContain(text);
    }
    // Other work on the machine takes some of the processor's time from one or the other.
    expect(Math.min(...answers.map(({ took }) => took))).toBeLessThan(LONGEST);
  });

  test('an object that is full can still be changed', async () => {
    expect((await ask(patch(MERGE, { spec: { seed: 1 } }))).code).toBe(200);
  });
});

describe('gates', () => {
  const OBJECTS = 2_000;
  const CHARACTERS = 4 * 1024 * 1024;
  const stored = (count: number, annotations: object) =>
    many(count, (index) => {
      const name = `g${index}`;
      const metadata = { namespace: 'default', uid: name, generation: 1, annotations };
      return gate(name, { upstream }, metadata) as JsonObject;
    });
  const refusal = (what: string) => ({
    code: 403,
    text: expect.stringContaining(
      `tcpgates.chaosgate.dev \\"more\\" is forbidden: exceeded quota: built-in, requested: ${what}=`,
    ),
  });
  const create = (annotations = {}) => ({
    ...post(gate('more', { upstream }, { annotations })),
    path,
  });

  /** A server that has as many gates as may be. */
  async function startFull(count: number, annotations: object) {
    const full = await startServer({ initial: stored(count, annotations) });
    expect(full.api.refused).toEqual([]);
    return {
      ask: (sent: Sent) => ask(sent, full.api.api),
      [Symbol.asyncDispose]: () => full.stop(),
    };
  }

  async function expectListed(full: Awaited<ReturnType<typeof startFull>>) {
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    for (const accept of ['application/json', table, 'application/yaml']) {
      const list = () => full.ask({ method: 'GET', path, accept, body: '' });
      const answers = [await list(), await list(), await list()];
      expect(answers.map(({ code }) => code)).toEqual([200, 200, 200]);
      expect(Math.min(...answers.map(({ took }) => took))).toBeLessThan(LONGEST);
    }
  }

  test('are no more than may be, and all of them are listed at once', async () => {
    const annotation = 'x'.repeat(CHARACTERS / OBJECTS - 450);
    await using full = await startFull(OBJECTS, { annotation });
    expect(await full.ask(create())).toMatchObject(refusal('count/tcpgates.chaosgate.dev'));
    await expectListed(full);
    await full.ask({ method: 'DELETE', path: `${path}/g0`, body: '' });
    expect((await full.ask(create())).code).toBe(201);
  });

  test('are no larger together than may be, whatever the operator has to say of them', async () => {
    const annotations = members(4_500);
    const count = Math.floor(CHARACTERS / JSON.stringify(annotations).length);
    await using full = await startFull(count, annotations);
    expect(await full.ask(create(annotations))).toMatchObject(refusal('characters'));
    await expectListed(full);
    const change = (name: string, subresource: string, body: object) => {
      const sent = { method: 'PATCH', headers: MERGE, body: JSON.stringify(body) };
      return full.ask({ ...sent, path: `${path}/${name}${subresource}` });
    };
    const status = { faults: 'f'.repeat(4_000) };
    for (let index = 0; index < count; index += 1) {
      expect((await change(`g${index}`, '/status', { status })).code).toBe(200);
    }
    // What makes room is taken. Who owns the fields takes as much as they do.
    for (const name of ['g0', 'g1', 'g2']) {
      expect((await change(name, '', { metadata: { annotations: null } })).code).toBe(200);
    }
    expect((await full.ask(create(annotations))).code).toBe(201);
  });
});

/** Connections that say nothing. */
async function idle(url: string, count: number): Promise<Socket[]> {
  const { port } = new URL(url);
  const sockets = many(count, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

describe('connections without the token', () => {
  test('keep nobody out', async () => {
    const sockets = await idle(server.api.url, 4_200);
    expect((await server.client.send('GET', '/version')).code).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  test('make room for each other, and for no more clients than may be', async () => {
    const certificate = await loopbackCertificate('chaosgate', Date.now());
    const small = new HttpServer({
      api: server.api.api,
      certificate,
      token: 't',
      onError: () => {},
      connections: { proven: 2, unproven: 2 },
    });
    const url = await small.listen(0);
    const client = () => new Client({ url, ca: certificate.cert, token: 't' });
    // Who is gone is not counted any more.
    for (let count = 0; count < 5; count += 1) {
      const one = client();
      expect((await one.send('GET', '/version')).code).toBe(200);
      one.close();
    }
    const strangers = await idle(url, 3);
    await expect
      .poll(() => strangers.map(({ destroyed }) => destroyed))
      .toEqual([true, false, false]);

    const clients = [client(), client(), client()];
    const codes: number[] = [];
    for (const one of clients) codes.push((await one.send('GET', '/version')).code);
    expect(codes).toEqual([200, 200, 429]);
    for (const one of clients) one.close();
    for (const socket of strangers) socket.destroy();
    await small.close();
  });
});

test('bodies that do not come hold up no more than as many as may be', async () => {
  const certificate = await loopbackCertificate('chaosgate', Date.now());
  const small = new HttpServer({
    api: server.api.api,
    certificate,
    token: 't',
    onError: () => {},
    bodies: 2,
  });
  const url = await small.listen(0);
  const slow = many(2, () => {
    const { port } = new URL(url);
    const socket = connectTls({ host: '127.0.0.1', port: Number(port), ca: certificate.cert });
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n`;
    // The server says that it goes on to the body.
    socket.write(`${head}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n`);
    return socket;
  });
  await Promise.all(slow.map((socket) => once(socket, 'data')));
  const client = new Client({ url, ca: certificate.cert, token: 't' });
  const refused = await client.send('POST', path, {}, '{}');
  expect([refused.code, refused.headers['retry-after']]).toEqual([429, '1']);
  expect((await client.send('GET', path)).code).toBe(200);
  for (const socket of slow) socket.destroy();
  await expect.poll(async () => (await client.send('POST', path, {}, '{}')).code).toBe(400);
  client.close();
  await small.close();
});
