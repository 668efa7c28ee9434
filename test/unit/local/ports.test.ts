import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { tcpGateSpec } from '../../../src/api/spec.ts';
import { Resolver } from '../../../src/gate/resolver.ts';
import { Ports } from '../../../src/local/ports.ts';
import { freePort } from '../../gate/support/ports.ts';

const ELSEWHERE = '192.0.2.1';
const HERE = '127.0.0.1';

function ports(addresses: readonly string[] = [ELSEWHERE]): Ports {
  const resolver = new Resolver({ lookup: async () => addresses });
  return new Ports({ listen: HERE, resolver });
}

function spec(port: number, listen?: number, host = 'server') {
  const asked = listen === undefined ? {} : { listen: { port: listen } };
  const upstream = { host, port, connectTimeoutMilliseconds: 5_000 };
  return { ...tcpGateSpec.parse({ upstream, ...asked }), upstream };
}

async function taken(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: HERE }, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('the port that is asked for is taken, free or not', async () => {
  const port = await taken();
  expect(await ports().choose('a', spec(5432, port), undefined)).toBe(port);
});

test('the port of a server elsewhere is taken when it is free', async () => {
  const port = await freePort();
  expect(await ports().choose('a', spec(port), undefined)).toBe(port);
  expect(await ports().choose('a', spec(await taken()), undefined)).not.toBe(port);
});

test('a gate that had a port gets it again, if it is free', async () => {
  const had = await freePort();
  expect(await ports().choose('a', spec(await freePort()), had)).toBe(had);
  const gone = await taken();
  expect(await ports().choose('a', spec(await freePort()), gone)).not.toBe(gone);
});

test('a gate keeps its port when its upstream changes or its wish goes', async () => {
  const all = ports();
  const first = await all.choose('a', spec(await freePort()), undefined);
  expect(await all.choose('a', spec(await freePort()), undefined)).toBe(first);
  const asked = await freePort();
  expect(await all.choose('a', spec(5432, asked), undefined)).toBe(asked);
  expect(await all.choose('a', spec(5432), undefined)).toBe(asked);
});

test('gates that look at the same time find different ports', async () => {
  const all = ports();
  const port = await freePort();
  const keys = ['a', 'b', 'c', 'd'];
  const chosen = await Promise.all(keys.map((key) => all.choose(key, spec(port), undefined)));
  expect(new Set(chosen).size).toBe(keys.length);
  expect(chosen[0]).toBe(port);
  all.release('a');
  expect(await all.choose('e', spec(port), undefined)).toBe(port);
});

test('the port of a server on this machine is left to it', async () => {
  const port = await freePort();
  expect(await ports([HERE]).choose('a', spec(port), undefined)).not.toBe(port);
  expect(await ports([HERE]).choose('a', spec(port), port)).not.toBe(port);
});

test('a gate that would connect to itself gets none', async () => {
  const port = await freePort();
  expect(await ports([HERE]).choose('a', spec(port, port), undefined)).toBeUndefined();
  expect(await ports(['127.0.0.2']).choose('a', spec(port, port), undefined)).toBe(port);
  for (const host of ['::ffff:127.0.0.1', '::ffff:7f00:1', '0.0.0.0']) {
    expect(await ports().choose('a', spec(port, port, host), undefined), host).toBeUndefined();
  }
});

test('an upstream that comes to be the gate itself makes it move', async () => {
  const all = ports([HERE]);
  const port = await freePort();
  expect(await all.choose('a', spec(port, undefined, ELSEWHERE), undefined)).toBe(port);
  expect(await all.choose('a', spec(port), undefined)).not.toBe(port);
});

test('a name that nobody resolves holds nobody up for long', async () => {
  const resolver = new Resolver({ lookup: () => new Promise(() => {}) });
  const port = await freePort();
  const choice = new Ports({ listen: HERE, resolver }).choose('a', spec(port), undefined);
  expect(await choice).toBe(port);
});
