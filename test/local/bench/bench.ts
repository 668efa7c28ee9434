/**
 * What issue 5 asks of the speed of `chaosgate up`, measured from outside, over its API, with an answer of the gate for each
 * step. The process, its clients and their server share the machine. `npm run bench:local`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Answer, Asker } from './asker.ts';

const CONNECTIONS = 1_000;
const STARTS = 15;
const GATES = 30;
const COUNTS = 30;
const PATCHES = 50;
const bin = join(import.meta.dirname, '../../../bin/chaosgate.cjs');

const folder = await mkdtemp(join(tmpdir(), 'chaosgate-bench-'));
const kubeconfig = join(folder, 'kubeconfig');
const server = await echoServer();
try {
  console.log(`${cpus().length} x ${cpus()[0]?.model}, Node.js ${process.version}`);
  await starts();
  await posts();
  for (const count of [1, CONNECTIONS]) await patches(count);
} finally {
  server.close();
  await rm(folder, { recursive: true });
}

/** From `spawn` to the line that says that the gate of the file is ready. */
async function starts(): Promise<void> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const { process: up, readyAfter } = await startUp();
    times.push(readyAfter);
    await stop(up);
  }
  report('start to first gate Ready', times, 1_000);
}

async function posts(): Promise<void> {
  const { process: up } = await startUp();
  const asker = await Asker.connect(await readFile(kubeconfig, 'utf8'));
  const times: number[] = [];
  for (let count = 0; count < GATES; count += 1) {
    const name = `gate-${count}`;
    const sent = performance.now();
    const ready = asker.sees((gate) => gate.metadata.name === name && isTrue(gate, 'Ready'));
    await asker.create(name, port(server));
    times.push((await ready) - sent);
  }
  report('POST to the event that says Ready', times, 50);
  await counts(asker, (await asker.get('first')).status?.address ?? '');
  asker.close();
  await stop(up);
}

/** From a client's `connect` to the status that counts it. */
async function counts(asker: Asker, address: string): Promise<void> {
  const times: number[] = [];
  const clients: Socket[] = [];
  for (let count = 1; count <= COUNTS; count += 1) {
    const counted = asker.sees(({ status }) => status?.connections?.active === count);
    const began = performance.now();
    clients.push(await open(address));
    times.push((await counted) - began);
  }
  for (const client of clients) client.destroy();
  report('connection to the event that counts it', times, 50);
}

/** Patches the faults of a gate with so many open connections; after each, every one of them has to show it. */
async function patches(count: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'timed.ts'), kubeconfig], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await said.next();
  const asker = await Asker.connect(await readFile(kubeconfig, 'utf8'));
  const ready = asker.sees((gate) => isTrue(gate, 'Ready'));
  await asker.create('first', port(server));
  await ready;
  const address = (await asker.get('first')).status?.address ?? '';
  const clients = await Promise.all(Array.from({ length: count }, () => open(address)));
  const inside: number[] = [];
  const outside: number[] = [];
  for (let patch = 0; patch < PATCHES; patch += 1) {
    const isBroken = patch % 2 === 0;
    const programmed = asker.sees((gate) => {
      const inForce = gate.status?.faults === (isBroken ? 'toClient drop' : 'none');
      return isTrue(gate, 'Programmed') && inForce;
    });
    const sent = performance.now();
    await asker.patch('first', { toClient: isBroken ? { drop: {} } : null });
    outside.push((await programmed) - sent);
    inside.push(Number((await said.next()).value));
    await check(clients, isBroken);
  }
  for (const client of clients) client.destroy();
  asker.close();
  await stop(child);
  report(`merge patch, ${count} connections: arrival to in force`, inside, 10);
  report(`merge patch, ${count} connections: as its sender sees it`, outside, 10);
}

/** Every connection shows what is in force: an answer, or none before its first after the fault is lifted. */
async function check(clients: readonly Socket[], isBroken: boolean): Promise<void> {
  const answers = clients.map((client) => once(client, 'data'));
  for (const client of clients) client.write('x');
  if (!isBroken) {
    await Promise.all(answers);
    return;
  }
  const any = await Promise.race([Promise.race(answers).then(() => true), later(100, false)]);
  if (any) throw new Error('An answer came through a fault that was said to be in force');
}

async function startUp(): Promise<{ process: ReturnType<typeof spawn>; readyAfter: number }> {
  const file = join(folder, 'gate.yaml');
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { name: 'first' },
      spec: { upstream: { host: '127.0.0.1', port: port(server) } },
    }),
  );
  const args = ['up', '-f', file, '--output', 'json', '--kubeconfig', kubeconfig];
  const began = performance.now();
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, ready } = JSON.parse(line) as { type: string; ready?: boolean };
    if (type === 'gate' && ready) break;
  }
  const readyAfter = performance.now() - began;
  child.stdout.resume();
  return { process: child, readyAfter };
}

async function stop(child: ReturnType<typeof spawn>): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Of this generation, and not of one before. */
function isTrue({ metadata, status }: Answer, type: string): boolean {
  const found = status?.conditions?.find((condition) => condition.type === type);
  return found?.status === 'True' && found.observedGeneration === metadata.generation;
}

async function open(address: string): Promise<Socket> {
  const [host = '', at = ''] = address.split(':');
  const socket = connect({ host, port: Number(at), noDelay: true });
  // An answer says that the connection goes all the way through.
  socket.write('x');
  await once(socket, 'data');
  return socket;
}

async function echoServer(): Promise<Server> {
  const echo = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  echo.listen({ port: 0, host: '127.0.0.1', backlog: CONNECTIONS });
  await once(echo, 'listening');
  return echo;
}

function port(of: Server): number {
  const address = of.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function later<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}

function report(what: string, times: readonly number[], goal: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(
    `${what.padEnd(50)} median ${at(0.5)} ms, p90 ${at(0.9)} ms, max ${at(1)} ms (n ${times.length}, goal ${goal} ms)`,
  );
}
