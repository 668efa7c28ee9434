import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Gate } from '../../../src/gate/gate.ts';
import { Resolver } from '../../../src/gate/resolver.ts';

/**
 * How late bytes leave a delay, with many connections: `node test/gate/measure/delay.ts`. The gate has a process,
 * and should have a core, of its own.
 */
const CONNECTIONS = 200;
const DELAY = 100;
const MESSAGES = 50;
const INTERVAL = 100;

if (process.send === undefined) await load();
else await serve(Number(process.argv[2]));

async function serve(port: number): Promise<void> {
  const late: number[] = [];
  const gate = new Gate(
    gateConfig.parse({
      upstream: { host: '127.0.0.1', port },
      toServer: { delay: { milliseconds: DELAY } },
    }),
    {
      listen: { port: 0, host: '127.0.0.1' },
      connectionBytes: 2 ** 24,
      budget: new Budget(2 ** 28),
      resolver: new Resolver(),
      observer: { delayed: (_, milliseconds) => late.push(milliseconds - DELAY) },
    },
  );
  await gate.start();
  process.send?.(gate.state.port);
  process.once('message', () => {
    report('in the gate', late);
    process.exit();
  });
}

async function load(): Promise<void> {
  const late: number[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (let at = 0; at < data.length; at += 8) {
        late.push(performance.now() - data.readDoubleBE(at) - DELAY);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gate = fork(import.meta.filename, [String((server.address() as AddressInfo).port)]);
  const [port] = (await once(gate, 'message')) as [number];
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => send(port, index)));
  report('from end to end', late);
  gate.send('report');
  await once(gate, 'exit');
  process.exit();
}

async function send(port: number, index: number): Promise<void> {
  const client = connect(port, '127.0.0.1');
  client.setNoDelay(true);
  await once(client, 'connect');
  await sleep((index / CONNECTIONS) * INTERVAL);
  for (let sent = 0; sent < MESSAGES; sent += 1) {
    const message = Buffer.alloc(8);
    message.writeDoubleBE(performance.now());
    client.write(message);
    await sleep(INTERVAL);
  }
  await sleep(2 * DELAY);
}

function report(what: string, milliseconds: number[]): void {
  milliseconds.sort((a, b) => a - b);
  const [least, median, p99, most] = [0, 0.5, 0.99, 1].map((share) =>
    milliseconds[Math.round(share * (milliseconds.length - 1))]?.toFixed(2),
  );
  console.log(
    `Over the delay of ${DELAY} ms ${what}: least ${least}, median ${median}, p99 ${p99}, most ${most} ms (${milliseconds.length} messages)`,
  );
}
