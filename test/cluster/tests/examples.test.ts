/** Every manifest of examples/faults on a real cluster: what both ends see under it, and when it is lifted. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { tcpGateSpec } from '../../../src/api/spec.ts';
import { faultsText } from '../../../src/api/text.ts';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { type GateStatus, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { type End, openPair, type Pair } from './support/pair.ts';

const examples = join(import.meta.dirname, '../../../examples');
const FOLDER = join(examples, 'faults');
const PLAIN = join(examples, 'postgres/gate.yaml');
const GATE = { host: 'postgres', port: 5_432 };
const MEBIBYTE = 2 ** 20;

let namespace: Namespace;
let server: Agent;
let client: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('examples');
  [server, client] = await Promise.all([
    Agent.start(namespace, 'server'),
    Agent.start(namespace, 'client'),
  ]);
  // In the place of PostgreSQL, one that says what it hears.
  await server.call('tcpListen', { port: GATE.port });
  await namespace.apply(service('postgres-primary', 'server', GATE.port));
  await namespace.kubectl('apply', '-f', PLAIN);
  await namespace.wait('postgres', 'Ready', 60);
});

afterAll(async () => {
  client.stop();
  server.stop();
  await namespace.delete();
});

const open = () => openPair(client, server, GATE);

/** `kubectl apply` of a manifest, and the wait for its effect. */
async function apply(path: string): Promise<void> {
  await namespace.kubectl('apply', '-f', path);
  await namespace.wait('postgres', 'Programmed');
}

/** What a new client sees when it connects. */
async function knock(name: string): Promise<string> {
  return client.call('tcpOpen', { name, target: GATE });
}

async function isOpen({ client, server }: Pair): Promise<void> {
  await client.says('ping');
  await server.hears('ping');
  await server.says('pong');
  await client.hears('pong');
}

function ends(...pairs: readonly Pair[]): End[] {
  return pairs.flatMap(({ client, server }) => [client, server]);
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

interface Example {
  readonly file: string;
  readonly says: string;
  /** @param pair was open before the manifest was applied, and so was `other` */
  under(pair: Pair, other: Pair): Promise<void>;
  /** What these two see when it is lifted; both are as before if it is left out. */
  lifted?(pair: Pair, other: Pair): Promise<void>;
}

const bothAreClosed = async () => {};

const EXAMPLES: readonly Example[] = [
  {
    file: 'new-connections-refused.yaml',
    says: 'a new client is refused, open connections go on',
    async under(pair) {
      expect(await knock('refused')).toBe('ECONNREFUSED');
      await isOpen(pair);
    },
  },
  {
    file: 'new-connections-held.yaml',
    says: 'a new client is connected and nothing more, and served when it is lifted',
    async under(pair) {
      const before = await server.call('tcpAccepted', {});
      expect(await knock('held')).toBe('open');
      await client.call('tcpWrite', { name: 'held', text: 'early bytes' });
      await isOpen(pair);
      const state = await client.call('tcpWait', { name: 'held', bytes: 1, timeoutMs: 300 });
      expect(state).toEqual({ state: 'open', received: '' });
      expect(await server.call('tcpAccepted', {})).toBe(before);
    },
    async lifted() {
      await server.call('tcpAccept', { name: 'held', text: 'early bytes', timeoutMs: 5_000 });
    },
  },
  {
    file: 'new-connections-reset.yaml',
    says: 'a new client is reset, open connections go on',
    async under(pair) {
      await knock('reset');
      const { state } = await client.call('tcpWait', { name: 'reset', timeoutMs: 5_000 });
      expect(state).toBe('ECONNRESET');
      await isOpen(pair);
    },
  },
  {
    file: 'new-connections-limited.yaml',
    says: 'a client that comes on top is reset, which the status says, and open connections go on',
    async under(pair, other) {
      await knock('third');
      const { state } = await client.call('tcpWait', { name: 'third', timeoutMs: 5_000 });
      expect(state).toBe('ECONNRESET');
      await isOpen(pair);
      await isOpen(other);
      await eventually(async () => {
        const line = await namespace.kubectl('get', 'tg', 'postgres', '--no-headers');
        expect(line).toMatch(/^postgres +False +ConnectionLimit +none /);
      });
    },
    async lifted() {
      expect(await knock('fourth')).toBe('open');
      await server.call('tcpAccept', { name: 'fourth', text: '', timeoutMs: 5_000 });
    },
  },
  {
    file: 'server-does-not-read.yaml',
    says: 'the client blocks in the end, and the server has it all when it is lifted',
    async under(pair) {
      expect(await pair.client.fills(16 * MEBIBYTE)).toBeLessThan(16 * MEBIBYTE);
      await pair.server.hearsNothing();
      await pair.server.says('the other way');
      await pair.client.hears('the other way');
    },
    async lifted(pair, other) {
      await eventually(async () => {
        expect((await pair.server.reads()).bytes).toBe(16 * MEBIBYTE);
      });
      await isOpen(other);
    },
  },
  {
    file: 'client-does-not-read.yaml',
    says: 'the server blocks in the end, and the client has it all when it is lifted',
    async under(pair) {
      expect(await pair.server.fills(16 * MEBIBYTE)).toBeLessThan(16 * MEBIBYTE);
      await pair.client.hearsNothing();
      await pair.client.says('the other way');
      await pair.server.hears('the other way');
    },
    async lifted(pair, other) {
      await eventually(async () => {
        expect((await pair.client.reads()).bytes).toBe(16 * MEBIBYTE);
      });
      await isOpen(other);
    },
  },
  {
    file: 'server-does-not-respond.yaml',
    says: 'requests are taken and lost, for good',
    async under(pair) {
      expect(await pair.client.fills(16 * MEBIBYTE)).toBe(16 * MEBIBYTE);
      await pair.server.hearsNothing();
    },
  },
  {
    file: 'client-does-not-respond.yaml',
    says: 'requests arrive, answers are lost for good',
    async under(pair) {
      await pair.client.says('request');
      await pair.server.hears('request');
      await pair.server.says('answer');
      await pair.client.hearsNothing();
    },
  },
  {
    file: 'connections-closed.yaml',
    says: 'both ends of each get an error, once',
    async under(pair, other) {
      for (const end of ends(pair, other)) await end.sees('ECONNRESET');
      await isOpen(await open());
    },
    lifted: bothAreClosed,
  },
  {
    file: 'server-gone.yaml',
    says: 'open connections end, new ones are refused',
    async under(pair, other) {
      for (const end of ends(pair, other)) await end.sees('fin');
      expect(await knock('gone')).toBe('ECONNREFUSED');
    },
    lifted: bothAreClosed,
  },
  {
    file: 'server-closes-on-data.yaml',
    says: 'the first request closes its connection, others stay open',
    async under(pair, other) {
      await pair.client.says('request');
      await pair.client.sees('ECONNRESET');
      await pair.server.sees('ECONNRESET');
      await other.server.says('the other way');
      await other.client.hears('the other way');
    },
    lifted: (_, other) => isOpen(other),
  },
  {
    file: 'client-closes-on-data.yaml',
    says: 'the request arrives, the answer closes the connection',
    async under(pair) {
      await pair.client.says('request');
      await pair.server.hears('request');
      await pair.server.says('answer');
      await pair.client.sees('fin');
      await pair.server.sees('fin');
    },
    lifted: (_, other) => isOpen(other),
  },
  {
    file: 'data-corrupted.yaml',
    says: 'one byte in ten is another one, none is added or lost',
    async under(pair) {
      await pair.client.says('a'.repeat(1_000));
      const received = await pair.server.hearsBytes(1_000);
      const changed = Array.from(received).filter((byte) => byte !== 'a').length;
      expect(changed).toBeGreaterThan(50);
      expect(changed).toBeLessThan(150);
    },
  },
  {
    file: 'data-rewritten.yaml',
    says: 'one word is another one, wherever it is cut',
    async under(pair) {
      await pair.server.says('client_encoding UTF8, server_encoding UT');
      await pair.client.hears('client_encoding UTF9, server_encoding ');
      await pair.server.says('F8.');
      await pair.client.hears('UTF9.');
    },
  },
  {
    file: 'slow.yaml',
    says: 'each byte comes 150 ms later, both ways',
    async under(pair) {
      await pair.server.answers();
      expect(await pair.client.roundTrip()).toBeGreaterThanOrEqual(300);
    },
    lifted: (_, other) => isOpen(other),
  },
  {
    file: 'narrow.yaml',
    says: '32 KiB of an answer take a second',
    async under(pair) {
      const answer = 'x'.repeat(32_768);
      const milliseconds = await took(async () => {
        await pair.server.says(answer);
        await pair.client.hears(answer);
      });
      expect(milliseconds).toBeGreaterThanOrEqual(980);
    },
  },
  {
    file: 'closed-after-a-time.yaml',
    says: 'a connection ends a second after its first byte',
    async under(pair, other) {
      const milliseconds = await took(async () => {
        await pair.client.says('first');
        await pair.server.hears('first');
        await pair.client.sees('fin');
        await pair.server.sees('fin');
      });
      expect(milliseconds).toBeGreaterThanOrEqual(1_000);
      await other.client.hearsNothing();
    },
    lifted: (_, other) => isOpen(other),
  },
  {
    file: 'closed-when-idle.yaml',
    says: 'a connection that is idle for two seconds is reset, a busy one is not',
    async under(pair, other) {
      const end = performance.now() + 2_500;
      while (performance.now() < end) {
        await other.client.says('busy');
        await other.server.hears('busy');
      }
      await pair.client.sees('ECONNRESET');
      await pair.server.sees('ECONNRESET');
    },
    lifted: bothAreClosed,
  },
  {
    file: 'sliced.yaml',
    says: 'a request comes in small pieces',
    async under(pair) {
      let lengths: number[] = [];
      const milliseconds = await took(async () => {
        await pair.client.says('twenty-two bytes of it');
        await eventually(
          async () => {
            const reads = await pair.server.reads();
            expect(reads.bytes).toBe(22);
            lengths = reads.lengths;
          },
          { intervalMs: 10 },
        );
      });
      // A reader that is late may find two of them together.
      expect(lengths.length).toBeGreaterThan(1);
      expect(milliseconds).toBeGreaterThanOrEqual(4 * 20);
      await pair.server.hears('twenty-two bytes of it');
    },
  },
  {
    file: 'coalesced.yaml',
    says: 'small requests come together, in one read',
    async under(pair) {
      for (const text of ['small ', 'requests ', 'at ', 'first, ']) await pair.client.says(text);
      await pair.server.hearsNothing();
      await pair.client.says('x'.repeat(39));
      await eventually(async () => {
        expect(await pair.server.reads()).toEqual({ bytes: 64, lengths: [64] });
      });
      await pair.server.hearsBytes(64);
    },
  },
  {
    file: 'truncated.yaml',
    says: 'an answer ends after 20 bytes',
    async under(pair) {
      await pair.server.says('an answer that is longer than twenty bytes');
      await pair.client.sees('fin', 'an answer that is lo');
      await pair.server.sees('fin');
    },
    lifted: (_, other) => isOpen(other),
  },
  {
    file: 'some-connections.yaml',
    says: 'some connections are slow, the same ones each time',
    async under() {
      const pairs: Pair[] = [];
      for (let count = 0; count < 12; count += 1) pairs.push(await open());
      for (const pair of pairs) await pair.server.answers();
      const areSlow = async () => {
        const times = await Promise.all(pairs.map((pair) => pair.client.roundTrip()));
        return times.map((milliseconds) => milliseconds >= 400);
      };
      const first = await areSlow();
      expect(new Set(first)).toEqual(new Set([true, false]));
      await apply(PLAIN);
      expect(await areSlow()).not.toContain(true);
      await apply(join(FOLDER, 'some-connections.yaml'));
      expect(await areSlow()).toEqual(first);
    },
  },
  {
    file: 'ends-by-itself.yaml',
    says: 'each byte of an answer comes 300 ms later, until the time is up',
    async under(pair) {
      await pair.server.answers();
      expect(await pair.client.roundTrip()).toBeGreaterThanOrEqual(300);
      await eventually(async () => expect(await pair.client.roundTrip()).toBeLessThan(300));
    },
    lifted: (_, other) => isOpen(other),
  },
  {
    file: 'bad-network.yaml',
    says: 'everything takes its time, and arrives',
    async under(pair, other) {
      const request = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join('');
      const milliseconds = await took(async () => {
        await pair.client.says(request);
        await pair.server.hears(request);
      });
      expect(milliseconds).toBeGreaterThanOrEqual(150);
      await other.server.answers();
      expect(await other.client.roundTrip()).toBeGreaterThanOrEqual(300);
    },
    lifted: isOpen,
  },
];

test('each example is checked', async () => {
  expect(EXAMPLES.map(({ file }) => file).sort()).toEqual((await readdir(FOLDER)).sort());
});

describe('examples/faults', () => {
  test.each(EXAMPLES)('$file: $says', async ({ file, under, lifted }) => {
    const [pair, other] = [await open(), await open()];
    await apply(join(FOLDER, file));
    const { spec } = parse(await readFile(join(FOLDER, file), 'utf8')) as { spec: object };
    const { status } = await namespace.get<GateStatus>('tcpgate', 'postgres');
    expect(status.faults).toBe(faultsText(tcpGateSpec.parse(spec)));
    await under(pair, other);

    await apply(PLAIN);
    if (lifted === undefined) for (const each of [pair, other]) await isOpen(each);
    else await lifted(pair, other);
    await isOpen(await open());
  });
});
