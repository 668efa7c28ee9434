import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlLink } from '../../../src/control/link.ts';
import { KEY_BYTES } from '../../../src/control/psk.ts';
import { type GateConfig, gateConfig } from '../../../src/gate/config.ts';
import { End, Stream } from './end.ts';
import { MemoryCgroup } from './memoryCgroup.ts';
import type { Outcome, Scenario } from './scenario.ts';

/**
 * Floods a proxy in a memory control group and prints the outcome as JSON. In a network namespace of its own, where
 * the buffers of sockets can be bounded: `unshare --net node test/gate/flood/run.ts '{"name": ...}'`
 */
const IDENTITY = 'flood/gate';
const HOST = '127.0.0.1';
/** The network namespace has nobody else. */
const PORTS = { gate: 20_001, control: 20_002, http: 20_003 };
const MEBIBYTE = 2 ** 20;
const PROXY = join(import.meta.dirname, '../processes/proxy.ts');

/** Milliseconds. */
const SAMPLE = 20;
const START_LIMIT = 60_000;
const LIFT_LIMIT = 60_000;
const DRAIN_LIMIT = 180_000;

/** Clients that connect at once. */
const BATCH = 50;

/** Characters. */
const KEPT_OUTPUT = 2_000;

/** A proxy in a control group of its own, and the link that tells it what to do. */
class FloodedProxy {
  readonly group: MemoryCgroup;
  readonly #root: string;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #link: ControlLink;
  #output = '';
  /** How it ended by itself; undefined while it runs. */
  death: string | undefined;

  static async start(given: Scenario, config: GateConfig): Promise<FloodedProxy> {
    const root = await mkdtemp(join(tmpdir(), 'chaosgate-flood-'));
    const key = randomBytes(KEY_BYTES);
    const mounted = join(root, 'mounted');
    await mkdir(mounted);
    await writeFile(join(mounted, 'identity'), IDENTITY);
    await writeFile(join(mounted, 'key'), key);
    await writeFile(join(mounted, 'snapshot.json'), JSON.stringify({ generation: 1, config }));
    const proxy = new FloodedProxy(given, root, key);
    await until(() => proxy.#output.includes('"Proxy started"') || proxy.death, START_LIMIT);
    return proxy;
  }

  private constructor({ limit, flags = [] }: Scenario, root: string, key: Buffer) {
    this.#root = root;
    this.group = new MemoryCgroup(limit * MEBIBYTE);
    const [command = '', ...args] = [
      ...this.group.wrapper,
      process.execPath,
      PROXY,
      'proxy',
      `--mounted=${join(root, 'mounted')}`,
      `--state=${join(root, 'state')}`,
      `--gate-port=${PORTS.gate}`,
      `--control-port=${PORTS.control}`,
      `--http-port=${PORTS.http}`,
      `--connection-bytes=${16 * MEBIBYTE}`,
      ...flags,
    ];
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const out of [this.#process.stdout, this.#process.stderr]) {
      out.on('data', (data: Buffer) => {
        this.#output = (this.#output + data).slice(-KEPT_OUTPUT);
      });
    }
    this.#process.on('close', (code, signal) => {
      this.death ??= `${signal ?? code}: ${this.#output}`;
    });
    this.#link = new ControlLink({
      host: HOST,
      port: PORTS.control,
      key,
      identity: IDENTITY,
      onChange() {},
      onError() {},
    });
  }

  /** Resolves when the configuration is in force, or after a while. */
  async apply(config: GateConfig): Promise<void> {
    this.#link.push({ generation: 2, config });
    await until(() => this.#link.state.report?.generation === 2 || this.death, LIFT_LIMIT);
  }

  async end(): Promise<void> {
    this.#link.close();
    if (this.death === undefined) {
      const closed = once(this.#process, 'close');
      this.#process.kill('SIGKILL');
      await closed;
    }
    await rm(this.#root, { recursive: true });
    await this.group.remove();
  }
}

/** The most that was used at once, in MiB. */
class Peak {
  process = 0;
  tcp = 0;
  sum = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(group: MemoryCgroup) {
    this.#timer = setInterval(() => {
      const { process, tcp } = group.used;
      this.process = Math.max(this.process, Math.round(process / MEBIBYTE));
      this.tcp = Math.max(this.tcp, Math.round(tcp / MEBIBYTE));
      this.sum = Math.max(this.sum, Math.round((process + tcp) / MEBIBYTE));
    }, SAMPLE);
  }

  stop(): Outcome['peak'] {
    clearInterval(this.#timer);
    const { process, tcp, sum } = this;
    return { process, tcp, sum };
  }
}

async function flood(given: Scenario): Promise<Outcome> {
  const { seconds, toServer = {}, toClient = {} } = given;
  const servers: End[] = [];
  const stream = new Stream(given.text);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    servers.push(new End(socket, stream, given));
  });
  server.listen({ port: 0, host: HOST, backlog: 4_096 });
  await once(server, 'listening');
  const upstream = { host: HOST, port: (server.address() as AddressInfo).port };
  const proxy = await FloodedProxy.start(given, gateConfig.parse({ upstream, toServer, toClient }));
  const peak = new Peak(proxy.group);
  const clients = await connectAll(given, stream, () => proxy.death);
  await until(() => servers.length >= clients.length || proxy.death, START_LIMIT);

  const { senders, receivers } = rolesOf(given, clients, servers);
  for (const end of senders) end.push();
  await Promise.race([sleep(seconds * 1_000), until(() => proxy.death, seconds * 1_000)]);
  const shares = receivers.map(({ received }) => received).sort((a, b) => a - b);
  const open = clients.filter(({ isOpen }) => isOpen).length;

  const start = performance.now();
  await proxy.apply(gateConfig.parse({ upstream }));
  for (const end of receivers) end.read();
  for (const end of [...clients, ...servers]) end.finish();
  await until(() => proxy.death ?? receivers.every(({ isOver }) => isOver), DRAIN_LIMIT);
  const drainSeconds = Math.round((performance.now() - start) / 100) / 10;
  const killed = proxy.death;
  const wrong = killed === undefined ? wrongOf(given, clients, servers) : [];
  for (const { socket } of [...clients, ...servers]) socket.destroy();
  server.close();
  await proxy.end();
  const total = shares.reduce((sum, share) => sum + share, 0);
  const at = (share: number) => shares[Math.floor(share * (shares.length - 1))] ?? 0;
  return {
    scenario: given.name,
    killed,
    peak: peak.stop(),
    open,
    bytesPerSecond: Math.round(total / seconds),
    shares: [at(0), at(0.1), Math.round(total / shares.length), at(1)],
    sent: senders.reduce((sum, { sent }) => sum + sent, 0),
    wrong,
    drainSeconds,
  };
}

async function connectAll(
  given: Scenario,
  stream: Stream,
  isOver: () => unknown,
): Promise<readonly End[]> {
  const clients: End[] = [];
  while (clients.length < given.connections && isOver() === undefined) {
    const batch = Array.from(
      { length: Math.min(BATCH, given.connections - clients.length) },
      async () => {
        const socket = connect({ port: PORTS.gate, host: HOST, allowHalfOpen: true });
        const end = new End(socket, stream, given);
        await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
        return end;
      },
    );
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

/** Who sends, and who is to get it; the latter read at once unless they hang. The others see FIN and RST all the same. */
function rolesOf(
  { sender = 'client', receiver = 'reads' }: Scenario,
  clients: readonly End[],
  servers: readonly End[],
): { senders: readonly End[]; receivers: readonly End[] } {
  const senders = [
    ...(sender === 'server' ? [] : clients),
    ...(sender === 'client' ? [] : servers),
  ];
  const receivers = [
    ...(sender === 'server' ? [] : servers),
    ...(sender === 'client' ? [] : clients),
  ];
  for (const end of [...clients, ...servers]) {
    if (receiver === 'reads' || !receivers.includes(end)) end.read();
  }
  return { senders, receivers };
}

function wrongOf(
  { arrives = 'same', sender = 'client' }: Scenario,
  clients: readonly End[],
  servers: readonly End[],
): string[] {
  if (arrives === 'some') return [];
  const pairs = [
    ...(sender === 'server' ? [] : pairUp(clients, servers)),
    ...(sender === 'client' ? [] : pairUp(servers, clients)),
  ];
  return pairs.flatMap(([from, to]) => {
    const problems = [
      ...(from.error === undefined ? [] : [`the sender has ${from.error}`]),
      ...(to.error === undefined ? [] : [`the receiver has ${to.error}`]),
      ...(to.hasEnded ? [] : ['no FIN has come']),
      ...(from.sent === to.received ? [] : [`${from.sent} bytes were sent, ${to.received} came`]),
      ...(arrives === 'length' || to.isIntact ? [] : ['the bytes are others']),
    ];
    return problems.length === 0 ? [] : [problems.join(', ')];
  });
}

/** Connections reach the server in another order than they were made in: what was sent tells them apart only by sums. */
function pairUp(from: readonly End[], to: readonly End[]): [End, End][] {
  const left = [...from].sort((a, b) => a.sent - b.sent);
  const right = [...to].sort((a, b) => a.received - b.received);
  return left.flatMap((end, index) => {
    const other = right[index];
    return other === undefined ? [] : [[end, other] as [End, End]];
  });
}

async function until(condition: () => unknown, limit: number): Promise<void> {
  const deadline = performance.now() + limit;
  while (!condition() && performance.now() < deadline) await sleep(10);
}

const scenario = JSON.parse(process.argv[2] ?? '') as Scenario;
console.log(JSON.stringify(await flood(scenario)));
process.exit();
