/** Both ends of the control connection on real sockets. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ControlLink, type LinkState } from '../../../src/control/link.ts';
import type { Report, Snapshot } from '../../../src/control/messages.ts';
import { KEY_BYTES } from '../../../src/control/psk.ts';
import { type ControlledGate, ControlServer } from '../../../src/control/server.ts';
import { gateConfig } from '../../../src/gate/config.ts';

const IDENTITY = 'staging/postgres';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

class FakeGate implements ControlledGate {
  readonly key: Buffer;
  readonly applied: Snapshot[] = [];
  active = 0;
  refusal: string | undefined;

  constructor(key: Buffer = randomBytes(KEY_BYTES)) {
    this.key = key;
  }

  async apply(snapshot: Snapshot): Promise<void> {
    if (this.refusal !== undefined) throw new Error(this.refusal);
    this.applied.push(snapshot);
  }

  remainingMilliseconds(): number | undefined {
    return undefined;
  }

  report(): Report {
    return {
      instance: 'test',
      generation: this.applied.at(-1)?.generation ?? 0,
      faults: 'none',
      connections: { active: this.active, accepted: this.active },
      upstream: {},
    };
  }
}

function snapshotOf(generation: number): Snapshot {
  return { generation, config: gateConfig.parse({ upstream: { host: 'db', port: 5432 } }) };
}

async function serve(gate: FakeGate) {
  const errors: Error[] = [];
  const server = new ControlServer({
    gate: (identity) => (identity === IDENTITY ? gate : undefined),
    onError: (error) => errors.push(error),
  });
  closers.push(() => server.close());
  return { server, port: await server.listen(0, '127.0.0.1'), errors };
}

/** A link, and a way to wait for a state of it. */
function open(port: number, key: Buffer, identity = IDENTITY) {
  const errors: Error[] = [];
  let wake = () => {};
  let changes = 0;
  const link = new ControlLink({
    host: '127.0.0.1',
    port,
    identity,
    key,
    onChange: () => {
      changes += 1;
      wake();
    },
    onError: (error) => {
      errors.push(error);
      wake();
    },
  });
  closers.push(() => link.close());
  const until = async (isReached: (state: LinkState) => boolean) => {
    while (!isReached(link.state)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return link.state;
  };
  return { link, until, errors, changes: () => changes };
}

describe('the control connection', () => {
  test('carries a snapshot to the gate, and the answer back', async () => {
    const gate = new FakeGate();
    const { port } = await serve(gate);
    const { link, until } = open(port, gate.key);
    link.push(snapshotOf(7));
    await until(({ report }) => report?.generation === 7);
    expect(gate.applied).toEqual([snapshotOf(7)]);
  });

  test('brings a change of the counts by itself, a burst of them as one', async () => {
    const gate = new FakeGate();
    const { port, server } = await serve(gate);
    const { until } = open(port, gate.key);
    const counts: number[] = [];
    await until(({ report }) => report !== undefined);
    for (gate.active = 1; gate.active < 4; gate.active += 1) server.changed(IDENTITY);
    await until(({ report }) => {
      counts.push(report?.connections.active ?? -1);
      return report?.connections.active === 4;
    });
    expect(counts).toEqual([0, 4]);
  });

  test('tells nothing of a report that says what was known', async () => {
    const gate = new FakeGate();
    const { port } = await serve(gate);
    const { link, until, changes } = open(port, gate.key);
    await until(({ report }) => report?.generation === 0);
    link.push(snapshotOf(1));
    await until(({ report }) => report?.generation === 1);
    link.push(snapshotOf(1));
    await expect.poll(() => gate.applied.length).toBe(2);
    link.push(snapshotOf(2));
    await until(({ report }) => report?.generation === 2);
    expect(changes()).toBe(3);
  });

  test('says why a snapshot was refused', async () => {
    const gate = new FakeGate();
    gate.refusal = 'The gate runs generation 9; 8 is older';
    const { port } = await serve(gate);
    const { link, until } = open(port, gate.key);
    link.push(snapshotOf(8));
    const { rejected } = await until((state) => state.rejected !== undefined);
    expect(rejected).toMatchObject({ generation: 8, message: gate.refusal });
  });

  test('refuses a snapshot with a field that this version does not know', async () => {
    const gate = new FakeGate();
    const { port } = await serve(gate);
    const { link, until } = open(port, gate.key);
    const next = snapshotOf(3);
    const newer = { ...next, config: { ...next.config, toClient: { teleport: {} } } };
    link.push(newer as unknown as Snapshot);
    const { rejected } = await until((state) => state.rejected !== undefined);
    expect(rejected?.message).toContain('version is older');
    expect(gate.applied).toEqual([]);
  });

  test('is made again after a loss, and carries the latest snapshot again', async () => {
    const gate = new FakeGate();
    const first = await serve(gate);
    const { link, until } = open(first.port, gate.key);
    link.push(snapshotOf(1));
    await until(({ report }) => report?.generation === 1);
    first.server.close();
    await until(({ report }) => report === undefined);
    const restarted = new FakeGate(gate.key);
    const again = new ControlServer({ gate: () => restarted, onError: () => {} });
    closers.push(() => again.close());
    await again.listen(first.port, '127.0.0.1');
    await until(({ report }) => report?.generation === 1);
    expect(restarted.applied).toEqual(gate.applied);
  });

  test.each([
    ['another key', randomBytes(KEY_BYTES), IDENTITY],
    ['the name of another gate', undefined, 'staging/other'],
  ])('is refused to %s', async (_, key, identity) => {
    const gate = new FakeGate();
    const { port } = await serve(gate);
    const { until, errors, link } = open(port, key ?? gate.key, identity);
    link.push(snapshotOf(1));
    await until(() => errors.length > 0);
    expect(link.state.report).toBeUndefined();
    expect(gate.applied).toEqual([]);
  });
});

describe('the control port', () => {
  async function say(port: number, data: Buffer | string): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    closers.push(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(data);
    return socket;
  }

  test('ends a connection that does not speak TLS, and goes on', async () => {
    const gate = new FakeGate();
    const { port, errors } = await serve(gate);
    const socket = await say(port, '{"type":"ping"}\n');
    await once(socket, 'close');
    expect(errors).toHaveLength(1);
    const { until } = open(port, gate.key);
    await until(({ report }) => report !== undefined);
  });

  test('survives a client that leaves in the middle of the handshake', async () => {
    const gate = new FakeGate();
    const { port } = await serve(gate);
    for (let count = 0; count < 20; count += 1) {
      (await say(port, Buffer.from([0x16, 0x03, 0x01]))).resetAndDestroy();
    }
    const { until } = open(port, gate.key);
    await until(({ report }) => report !== undefined);
  });
});
