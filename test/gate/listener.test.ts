import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { GateSockets } from '../../src/gate/gateSockets.ts';
import { Listener, type ListenerOptions } from '../../src/gate/listener.ts';
import { atEnd } from './support/atEnd.ts';
import { Child } from './support/child.ts';
import { startHarness } from './support/harness.ts';
import { Peer } from './support/peer.ts';
import { freePort } from './support/ports.ts';
import { TestServer } from './support/server.ts';
import { stays, until } from './support/time.ts';

const host = '127.0.0.1';
const refused = { code: 'ECONNREFUSED' };

function startListener(options: Partial<ListenerOptions> = {}) {
  const clients: Peer[] = [];
  const errors: (string | undefined)[] = [];
  const listener = new Listener({
    sockets: GateSockets.UNBOUNDED,
    port: 0,
    host,
    onClient: (socket) => {
      atEnd(() => socket.destroy());
      clients.push(new Peer(socket));
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  atEnd(() => listener.close());
  return { listener, clients, errors };
}

describe('a port that is taken', () => {
  test('is reported, and taken by itself when it is free', async () => {
    const holder = await TestServer.listen();
    const harness = await startHarness({}, { listen: { port: holder.port, host } });
    expect(harness.gate.state.listenError).toBe(
      `Port ${holder.port} is already in use: choose another port, or stop the process that listens on it`,
    );
    holder.close();
    await until('the port is there', () => harness.gate.state.listenError === undefined);
    const { client, server } = await harness.open();
    client.send('hello');
    await server.receives('hello');
  });

  test('leaves the gate open to changes', async () => {
    const holder = await TestServer.listen();
    const harness = await startHarness({}, { listen: { port: holder.port, host } });
    await harness.set({ toServer: { stall: {} } });
    await harness.set({ newConnections: 'Refuse' });
    expect(harness.gate.state.listenError).toBeUndefined();
    holder.close();
    await stays('it does not try', () => harness.gate.state.listenError === undefined, 300);
    await expect(harness.connect()).rejects.toMatchObject(refused);
    await harness.set({ newConnections: 'Accept', toServer: {} });
    await harness.open();
  });

  test('is not tried any more by a gate that has closed', async () => {
    const holder = await TestServer.listen();
    const { port } = holder;
    const harness = await startHarness({}, { listen: { port, host } });
    await harness.gate.close();
    holder.close();
    await sleep(300);
    await expect(Peer.connect(port)).rejects.toMatchObject(refused);
  });

  test('can be lost while it is closed, and comes back', async () => {
    const harness = await startHarness();
    const { port } = harness.gate.state;
    await harness.set({ newConnections: 'Refuse' });
    const thief = await TestServer.listen({ port });
    await harness.set({ newConnections: 'Accept' });
    expect(harness.gate.state.listenError).toContain('already in use');
    thief.close();
    await until('the port is there', () => harness.gate.state.listenError === undefined);
    await harness.open();
    expect(harness.gate.state.port).toBe(port);
  });
});

describe('a listener', () => {
  test('keeps the port that it got first', async () => {
    const { listener, clients } = startListener();
    await listener.open();
    const { port } = listener;
    for (let round = 1; round <= 20; round += 1) {
      listener.close();
      await expect(Peer.connect(port)).rejects.toMatchObject(refused);
      await listener.open();
      await Peer.connect(port);
      await until('the client', () => clients.length === round);
    }
    expect(listener.port).toBe(port);
  });

  test('leaves the clients alone that it has let in', async () => {
    const { listener, clients } = startListener();
    await listener.open();
    const client = await Peer.connect(listener.port);
    await until('the client', () => clients.length === 1);
    listener.close();
    clients[0]?.resume();
    client.send('hello');
    await clients[0]?.receives('hello');
  });

  test('that is closed before it listens does not listen', async () => {
    const port = await freePort();
    const { listener, errors } = startListener({ port, host: 'localhost' });
    const opening = listener.open();
    listener.close();
    await opening;
    await expect(Peer.connect(port)).rejects.toMatchObject(refused);
    expect(errors).toEqual([undefined]);
  });

  test('that is closed and opened before it listens does listen', async () => {
    const { listener, clients } = startListener({ port: await freePort(), host: 'localhost' });
    const opening = listener.open();
    listener.close();
    await Promise.all([opening, listener.open()]);
    await until('it is there', () => listener.port !== 0);
    await Peer.connect(listener.port, 'localhost');
    await until('the client', () => clients.length === 1);
  });

  test('says why it cannot listen there', async () => {
    const { listener, errors } = startListener({ host: '192.0.2.1' });
    await listener.open();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('Cannot listen on port');
  });
});

describe('a port below 1024', () => {
  /** A network of its own, in which the process has no privileges and may listen from that port on. */
  const network = (firstPort: number) => [
    ...['unshare', '--user', '--map-root-user', '--net', 'sh', '-c'],
    `ip link set lo up && echo ${firstPort} >/proc/sys/net/ipv4/ip_unprivileged_port_start && exec setpriv --bounding-set=-all --inh-caps=-all "$0" "$@"`,
  ];

  test('is listened on like others where the process may', async () => {
    const child = Child.start('echoGate.ts', ['80'], network(80));
    await child.says(/port 80 error undefined/);
  });

  test('is reported where the process may not, and what to do', async () => {
    const child = Child.start('echoGate.ts', ['80'], network(1_024));
    await child.says(
      /error Port 80 needs privileges that this process does not have: choose one above 1023, or lower net.ipv4.ip_unprivileged_port_start/,
    );
  });
});

describe('a gate that moves to another port', () => {
  test('keeps its open connections and takes new ones there', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    const from = harness.gate.state.port;
    const to = await freePort();
    await harness.gate.listen(to);
    expect(harness.gate.state).toMatchObject({ port: to, listenError: undefined });
    await expect(Peer.connect(from)).rejects.toMatchObject(refused);
    await harness.open();
    client.send('still here');
    await server.receives('still here');
    expect(harness.active).toBe(2);
  });

  test('goes on at the old one until the new one is available', async () => {
    const holder = await TestServer.listen();
    const to = holder.port;
    const harness = await startHarness();
    const from = harness.gate.state.port;
    await harness.gate.listen(to);
    expect(harness.gate.state.port).toBe(from);
    expect(harness.gate.state.listenError).toContain(`Port ${to} is already in use`);
    await harness.open();
    holder.close();
    await until('the new port is there', () => harness.gate.state.listenError === undefined);
    expect(harness.gate.state.port).toBe(to);
    await harness.open();
    await expect(Peer.connect(from)).rejects.toMatchObject(refused);
  });

  test('can be told to stay', async () => {
    const holder = await TestServer.listen();
    const { port } = holder;
    const harness = await startHarness();
    const from = harness.gate.state.port;
    await harness.gate.listen(port);
    await harness.gate.listen(from);
    expect(harness.gate.state).toMatchObject({ port: from, listenError: undefined });
    holder.close();
    await stays('it does not try', () => harness.gate.state.port === from, 300);
    await expect(Peer.connect(port)).rejects.toMatchObject(refused);
  });

  test('is found there when it refused clients meanwhile', async () => {
    const harness = await startHarness({ newConnections: 'Refuse' });
    const port = await freePort();
    await harness.gate.listen(port);
    await expect(Peer.connect(port)).rejects.toMatchObject(refused);
    await harness.set({ newConnections: 'Accept' });
    expect(harness.gate.state.port).toBe(port);
    await harness.open();
  });
});

describe('a gate without a host', () => {
  test('serves IPv4 and IPv6', async () => {
    const harness = await startHarness({}, { listen: { port: 0 } });
    const { port } = harness.gate.state;
    for (const address of ['127.0.0.1', '::1']) {
      const [client, server] = await Promise.all([
        Peer.connect(port, address),
        harness.server.accept(),
      ]);
      client.send('hello');
      await server.receives('hello');
    }
  });

  test('serves IPv4 where the machine has no IPv6', async () => {
    const { prototype } = tcpWrap();
    const { bind6 } = prototype;
    const tried: string[] = [];
    prototype.bind6 = (address) => {
      tried.push(address);
      return -constants.errno.EAFNOSUPPORT;
    };
    atEnd(() => {
      prototype.bind6 = bind6;
    });
    const harness = await startHarness({}, { listen: { port: 0 } });
    const { client, server } = await harness.open();
    client.send('hello');
    await server.receives('hello');
    expect(harness.gate.state.listenError).toBeUndefined();
    expect(tried).toEqual(['::']);
  });
});

/** Node's own socket, so that a test can answer in the place of a kernel without IPv6. */
function tcpWrap(): { prototype: { bind6: (address: string) => number } } {
  return (process as unknown as { binding(name: string): { TCP: never } }).binding('tcp_wrap').TCP;
}

describe('a process that is out of file descriptors', () => {
  test('lets no gate listen that would take the last ones, until there are some again', async () => {
    const sockets = new GateSockets({ openFiles: 70, limit: 2, listeners: 1 });
    const [one, other] = [startListener({ sockets }), startListener({ sockets })];
    for (let round = 0; round < 5; round += 1) {
      await one.listener.open();
      await one.listener.move(await freePort());
      one.listener.close();
    }
    await one.listener.open();
    await other.listener.open();
    const third = startListener({ sockets, port: await freePort() });
    await third.listener.open();
    expect(third.errors).toEqual([
      `Cannot listen on port ${third.listener.port}: too many open files. Close connections, delete gates, or raise the limit of the process (ulimit -n)`,
    ]);
    await expect(Peer.connect(third.listener.port)).rejects.toMatchObject(refused);
    other.listener.close();
    await until('the port is there', () => third.errors.at(-1) === undefined);
    await Peer.connect(third.listener.port);
  });

  test('goes on taking clients when there are some again, and does not spin', async () => {
    const limit = 64;
    const child = Child.start(
      'echoGate.ts',
      [],
      ['sh', '-c', `ulimit -n ${limit}; exec "$0" "$@"`],
    );
    const port = Number((await child.says(/port (\d+) error undefined/))[1]);
    const clients: Peer[] = [];
    for (let count = 0; count < limit; count += 1) clients.push(await Peer.connect(port));
    await until('none is left', () => clients.some(({ isUntouched }) => !isUntouched));
    await sleep(50);
    const before = cpuTicks(child.process.pid);
    await sleep(500);
    // A listener that spins burns all of the 50 ticks.
    expect(cpuTicks(child.process.pid) - before).toBeLessThan(25);
    // Those that got through are served on.
    const served = clients.find(({ isUntouched }) => isUntouched);
    served?.send('still here');
    await served?.receives('still here');
    for (const client of clients) client.reset();
    const late = await echoed(port);
    expect(late.text).toBe('hello');
  });
});

/** A client that got its answer: the gate may still shed some until it has let go of those that left. */
async function echoed(port: number): Promise<Peer> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const client = await Peer.connect(port);
    client.send('hello');
    await until('an answer', () => client.length === 5 || !client.isUntouched);
    if (client.length === 5) return client;
    await sleep(20);
  }
  throw new Error('No client is served');
}

/** User and system time of a process, in clock ticks of 10 ms (proc_pid_stat(5)). */
function cpuTicks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
