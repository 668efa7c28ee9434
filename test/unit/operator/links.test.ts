/** The operator's control connections, to proxies' ends of them that listen on loopback. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gateConfigOf } from '../../../src/api/spec.ts';
import type { Report, Snapshot } from '../../../src/control/messages.ts';
import { KEY_BYTES } from '../../../src/control/psk.ts';
import { ControlServer } from '../../../src/control/server.ts';
import { PORTS } from '../../../src/operator/desired/common.ts';
import { Links, type LinkTarget } from '../../../src/operator/links.ts';
import { aGate, heard } from './fixtures.ts';

const GATE = 'staging/db';
const KEY = Buffer.alloc(KEY_BYTES, 1);
const OTHER_KEY = Buffer.alloc(KEY_BYTES, 2);
/** All of 127.0.0.0/8 is loopback, and no other test listens on the control port there. */
const A: LinkTarget = { podUid: 'a', ip: '127.41.0.1', port: PORTS.control };
const B: LinkTarget = { podUid: 'b', ip: '127.41.0.2', port: PORTS.control };

let links: Links;
let news: string[];
let ends: ProxyEnd[];

/** The end of one proxy: runs what it is sent, and reports what it is told to. */
class ProxyEnd {
  readonly applied: Snapshot[] = [];
  key = KEY;
  #report = heard().report;
  readonly #server = new ControlServer({
    gate: () => ({
      key: this.key,
      apply: async (snapshot) => {
        this.applied.push(snapshot);
      },
      remainingMilliseconds: () => undefined,
      report: () => this.#report as Report,
    }),
    onError: () => {},
  });

  async listen({ ip }: LinkTarget): Promise<this> {
    await this.#server.listen(PORTS.control, ip);
    ends.push(this);
    return this;
  }

  say(changes: Partial<Report>): void {
    this.#report = heard(changes).report;
    this.#server.changed(GATE);
  }

  close(): void {
    this.#server.close();
  }
}

function snapshotOf(generation: number): Snapshot {
  return { generation, config: gateConfigOf(aGate().spec) };
}

const answered = (uid: string) =>
  vi.waitFor(() => expect(links.states(GATE).get(uid)?.report).toBeDefined(), 5_000);

beforeEach(() => {
  news = [];
  ends = [];
  links = new Links({
    onChange: () => news.push('change'),
    onReport: () => news.push('report'),
    onError: () => {},
  });
});

afterEach(() => {
  links.close();
  for (const end of ends) end.close();
});

test('every proxy runs the snapshot, and is sent it once', async () => {
  const [a, b] = [await new ProxyEnd().listen(A), await new ProxyEnd().listen(B)];
  links.ensure(GATE, [A, B], KEY, snapshotOf(1));
  links.ensure(GATE, [A, B], KEY, snapshotOf(1));
  await Promise.all([answered('a'), answered('b')]);
  links.ensure(GATE, [A, B], KEY, snapshotOf(2));
  await vi.waitFor(() => {
    expect(a.applied).toEqual([snapshotOf(1), snapshotOf(2)]);
    expect(b.applied).toEqual([snapshotOf(1), snapshotOf(2)]);
  }, 5_000);
});

test('counts are a report; the first word, a disconnect and silence are changes', async () => {
  const end = await new ProxyEnd().listen(A);
  links.ensure(GATE, [A], KEY, snapshotOf(3));
  await answered('a');
  const said = async (changes: Partial<Report>) => {
    news.length = 0;
    end.say(changes);
    await vi.waitFor(() => expect(news).not.toEqual([]), 5_000);
    return news;
  };
  expect(news).toEqual(['change']);
  expect(await said({ connections: { active: 1, accepted: 1 } })).toEqual(['report']);
  expect(await said({ upstream: { reachable: false } })).toEqual(['report']);
  expect(await said({ disconnectNonce: '1' })).toEqual(['change']);
  news.length = 0;
  end.close();
  await vi.waitFor(() => expect(news).toEqual(['change']), 5_000);
  expect(links.states(GATE).get('a')?.report).toBeUndefined();
});

test('a proxy that is no longer a target is left, and one with another key is met with it', async () => {
  const [a, b] = [await new ProxyEnd().listen(A), await new ProxyEnd().listen(B)];
  links.ensure(GATE, [A, B], KEY, snapshotOf(1));
  await Promise.all([answered('a'), answered('b')]);
  expect(links.key(GATE)).toEqual({ key: KEY, isAnswered: true });
  b.key = OTHER_KEY;
  links.ensure(GATE, [B], OTHER_KEY, snapshotOf(2));
  expect([...links.states(GATE).keys()]).toEqual(['b']);
  expect(links.key(GATE)).toEqual({ key: OTHER_KEY, isAnswered: false });
  await answered('b');
  expect(links.key(GATE)).toEqual({ key: OTHER_KEY, isAnswered: true });
  expect(b.applied).toEqual([snapshotOf(1), snapshotOf(2)]);
  expect(a.applied).toEqual([snapshotOf(1)]);
});

test('a gate that is removed has no proxies, and no key', async () => {
  await new ProxyEnd().listen(A);
  links.ensure(GATE, [A], KEY, snapshotOf(1));
  await answered('a');
  links.remove(GATE);
  expect(links.states(GATE).size).toBe(0);
  expect(links.key(GATE)).toBeUndefined();
});

test.each(['Suspended', 'Released'] as const)(
  'the lever is told at once, and once; a gate that is %s is left alone',
  async (stop) => {
    const end = await new ProxyEnd().listen(A);
    links.ensure(GATE, [A], KEY, snapshotOf(1));
    await answered('a');
    for (const isEngaged of [false, true, true, false]) links.setLever(GATE, isEngaged);
    const stopped: Snapshot = { ...snapshotOf(2), stop };
    links.ensure(GATE, [A], KEY, stopped);
    for (const isEngaged of [true, false]) links.setLever(GATE, isEngaged);
    await vi.waitFor(() => expect(end.applied.at(-1)).toEqual(stopped), 5_000);
    expect(end.applied).toEqual([
      snapshotOf(1),
      { ...snapshotOf(1), stop: 'Lever' },
      snapshotOf(1),
      stopped,
    ]);
    expect(links.identities).toEqual([GATE]);
  },
);
