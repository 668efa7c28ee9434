/** Nothing that is sent ends the process, holds up others or costs more than it should. */
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BODY } from '../../src/kubeapi/http/body.ts';
import { loopbackCertificate } from '../../src/kubeapi/http/certificate.ts';
import { HttpServer } from '../../src/kubeapi/http/server.ts';
import { APPLY, gate, JSON_PATCH, MERGE } from '../contract/request.ts';
import { type LocalServer, startServer } from './support/server.ts';

let server: LocalServer;

const GATES = '/apis/chaosgate.dev/v1alpha1/namespaces/default/tcpgates';

beforeAll(async () => {
  server = await startServer();
  await send('POST', GATES, JSON.stringify(gate('a')));
});

afterAll(async () => {
  await server.stop();
  expect(server.errors).toEqual([]);
});

interface Reply {
  readonly code: number;
  readonly status: { readonly message: string; readonly reason: string };
}

async function send(
  method: string,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const answer = await server.client.send(method, path, headers, body);
  return { code: answer.code, status: JSON.parse(answer.body) as Reply['status'] };
}

async function isAlive(): Promise<void> {
  expect((await server.client.send('GET', `${GATES}/a`)).code).toBe(200);
}

/** A TLS connection that speaks for itself. */
async function dial(): Promise<TLSSocket> {
  const { url, certificate } = server.api;
  const { port } = new URL(url);
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca: certificate });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

const yaml = { 'content-type': 'application/yaml' };
const DEEP = 100_000;

describe('a body gets a clear answer', () => {
  test.each([
    ['that is no JSON', '{"a"', {}, 400, 'unexpected end of JSON input'],
    ['with a comma too many', '{"a":1,}', {}, 400, 'Expected double-quoted property name'],
    ['that nests too deep', `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`, {}, 400, 'max depth'],
    ['that opens and never closes', '{"a":'.repeat(DEEP), {}, 400, 'unexpected end of JSON input'],
    [
      'that would change what objects are',
      '{"kind":"TcpGate","__proto__":{"a":1}}',
      {},
      400,
      '__proto__',
    ],
    ['that is no YAML', 'a: [', yaml, 400, 'yaml: '],
    ['that is YAML too deep', '['.repeat(DEEP), yaml, 400, 'yaml: '],
    ['that is a bomb', bomb(), yaml, 400, 'alias'],
    [
      'that would change what objects are, in YAML',
      'kind: TcpGate\n__proto__: {a: 1}',
      yaml,
      400,
      '__proto__',
    ],
    ['that is no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), {}, 400, 'is not UTF-8'],
    [
      'with a key of megabytes',
      JSON.stringify(gate('b', undefined, { labels: { ['a'.repeat(2_900_000)]: '' } })),
      {},
      422,
      'no more than 63',
    ],
    [
      'with a name of megabytes',
      JSON.stringify(gate('a.'.repeat(1_400_000))),
      {},
      422,
      'no more than 253',
    ],
    ['that is too large', 'x'.repeat(MAX_BODY + 1), {}, 413, `limit is ${MAX_BODY}`],
  ])('%s', async (_, body, headers, code, message) => {
    const answer = await send('POST', GATES, body, headers);
    expect(answer.code).toBe(code);
    expect(answer.status.message).toContain(message);
    await isAlive();
  });
});

describe('protobuf, which clients of Go send for the kinds of Kubernetes,', () => {
  const PROTOBUF = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const body = Buffer.from([0x6b, 0x38, 0x73, 0x00, 0x0a, 0xc3, 0x28]);

  test.each([
    ['POST', '/api/v1/namespaces', 415, 'accepted media types include: application/json'],
    ['PUT', '/api/v1/namespaces/default', 415, 'reads no protobuf'],
    ['DELETE', `${GATES}/a`, 415, 'reads no protobuf'],
    ['PATCH', `${GATES}/a`, 415, 'reads no protobuf'],
    [
      'POST',
      '/api/v1/namespaces/default/secrets',
      404,
      'serves namespaces, events, tcpgates alone',
    ],
  ])('is reported: %s %s', async (method, path, code, message) => {
    const answer = await send(method, path, body, PROTOBUF);
    expect(answer.code).toBe(code);
    expect(answer.status.message).toContain(message);
    await isAlive();
  });
});

function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const below = level === 0 ? 'x' : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array(10).fill(below).join(', ')}]`;
  });
  return levels.join('\n');
}

test('a body that grows too large without saying so is cut off', async () => {
  const socket = await dial();
  const head = `POST ${GATES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.api.token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  socket.write(head);
  const chunk = `10000\r\n${'x'.repeat(0x1_0000)}\r\n`;
  for (let sent = 0; sent <= MAX_BODY; sent += 0x1_0000) socket.write(chunk);
  const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  expect(answer).toContain('413');
  socket.destroy();
  await isAlive();
});

describe('a patch gets a clear answer', () => {
  test.each([
    ['a merge patch of prototypes', '{"__proto__":{"polluted":1}}', MERGE, 400],
    ['a merge patch of constructors', '{"constructor":{"prototype":{"polluted":1}}}', MERGE, 200],
    [
      'a JSON patch of prototypes',
      '[{"op":"add","path":"/__proto__/polluted","value":1}]',
      JSON_PATCH,
      422,
    ],
    [
      'a JSON patch of constructors',
      '[{"op":"add","path":"/constructor/prototype/polluted","value":1}]',
      JSON_PATCH,
      422,
    ],
    [
      'a JSON patch from prototypes',
      '[{"op":"copy","from":"/__proto__","path":"/spec/seed"}]',
      JSON_PATCH,
      422,
    ],
    [
      'a JSON patch that removes what every object has',
      '[{"op":"remove","path":"/spec/toString"}]',
      JSON_PATCH,
      422,
    ],
    ['a JSON patch of everything', '[{"op":"remove","path":""}]', JSON_PATCH, 422],
    ['an apply of prototypes', '__proto__: {polluted: 1}', APPLY, 400],
    [
      'an apply of undeclared names',
      '{"apiVersion":"chaosgate.dev/v1alpha1","kind":"TcpGate","metadata":{"name":"a"},"constructor":{}}',
      APPLY,
      500,
    ],
  ])('%s', async (_, body, headers, code) => {
    const query = headers === APPLY ? '?fieldManager=test' : '';
    expect((await send('PATCH', `${GATES}/a${query}`, body, headers)).code).toBe(code);
    expect({}).not.toHaveProperty('polluted');
    await isAlive();
  });
});

describe('a path or a query gets an answer', () => {
  test.each([
    '/apis/chaosgate.dev/v1alpha1/namespaces/%E0%A4%A/tcpgates',
    '/apis/chaosgate.dev/v1alpha1/namespaces/%2e%2e/tcpgates/..%2f..%2fx',
    `${GATES}/${'a'.repeat(5_000)}`,
    `${GATES}/a%00b`,
    `${GATES}?limit=-1`,
    `${GATES}?limit=99999999999999999999`,
    `${GATES}?continue=bm9uc2Vuc2U`,
    `${GATES}?continue=${Buffer.from('{"rv":-1,"start":{}}').toString('base64url')}`,
    `${GATES}?labelSelector=${'('.repeat(2_000)}`,
    `${GATES}?labelSelector=a%20in%20(${'b,'.repeat(2_000)})`,
    `${GATES}?fieldSelector=%5C`,
    `${GATES}?watch=true&resourceVersion=-1`,
    `${GATES}?watch=true&timeoutSeconds=-1&resourceVersion=1`,
    '/apis/__proto__/constructor/toString',
    '/openapi/v3/../../etc/passwd',
    '/openapi/v3/__proto__',
    '/%2F/',
    '/?%',
  ])('%s', async (path) => {
    const { code } = await server.client.send('GET', path);
    expect(code).toBeGreaterThanOrEqual(200);
    expect(code).toBeLessThan(505);
    await isAlive();
  });
});

test('headers without end are cut off', async () => {
  const socket = await dial();
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`);
  const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  expect(answer).toContain('431');
  await isAlive();
});

describe('a client that stops in the middle of a request', () => {
  test('holds up nobody', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, dial));
    for (const socket of sockets) socket.write('GET /version HTTP/1.1\r\nHost: local');
    await isAlive();
    for (const socket of sockets) socket.destroy();
  });

  test.each([
    ['in its handshake', undefined],
    ['in its headers', 'GET /version HTTP/1.1\r\nHost: local'],
    [
      'in its body',
      'POST /version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('is let go %s', async (_, text) => {
    const impatient = new HttpServer({
      api: server.api.api,
      certificate: await loopbackCertificate('chaosgate', Date.now()),
      token: 't',
      onError: () => {},
      patience: { headers: 200, request: 200, interval: 50 },
    });
    const { port } = new URL(await impatient.listen(0));
    const socket =
      text === undefined
        ? connectPlain(Number(port), '127.0.0.1')
        : connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false });
    socket.on('error', () => {});
    socket.resume();
    if (text !== undefined) socket.write(text);
    await once(socket, 'close');
    await impatient.close();
  });
});

/** A watch as raw text; `paused` reads nothing of it. */
async function openWatch(query: string): Promise<TLSSocket> {
  const socket = await dial();
  socket.write(
    `GET ${GATES}?watch=true${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.api.token}\r\n\r\n`,
  );
  return socket;
}

async function patchSeed(seed: number): Promise<void> {
  const { code } = await send('PATCH', `${GATES}/a`, JSON.stringify({ spec: { seed } }), MERGE);
  expect(code).toBe(200);
}

test('a thousand watches all hear of a change', { timeout: 60_000 }, async () => {
  const sockets: TLSSocket[] = [];
  for (let batch = 0; batch < 10; batch += 1) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => openWatch('')))));
  }
  const heard = sockets.map(
    (socket) =>
      new Promise<void>((resolve, reject) => {
        let text = '';
        socket.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          if (text.includes('"seed":4242')) resolve();
        });
        socket.on('close', () => reject(new Error('A watch was closed')));
      }),
  );
  await patchSeed(4_242);
  await Promise.all(heard);
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  await isAlive();
});

test('a watch that reads nothing holds up nobody', async () => {
  const deaf = await openWatch('');
  deaf.pause();
  const note = 'x'.repeat(200_000);
  for (let count = 0; count < 50; count += 1) {
    const body = JSON.stringify({ metadata: { annotations: { note, count: `${count}` } } });
    expect((await send('PATCH', `${GATES}/a`, body, MERGE)).code).toBe(200);
  }
  const closed = once(deaf, 'close');
  deaf.destroy();
  await closed;
  await isAlive();
});

test('closing ends every watch', async () => {
  const other = await startServer();
  const watching = other.client.send('GET', `${GATES}?watch=true`).then(
    () => 'ended',
    () => 'ended',
  );
  await other.client.send('GET', '/version');
  await other.stop();
  expect(await watching).toBe('ended');
});
