/** A gate that holds four clients. Two close, two wait for an answer. Says how many are held, and who is served in the end. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Gate } from '../../../src/gate/gate.ts';
import { Resolver } from '../../../src/gate/resolver.ts';

const served: string[] = [];
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('data', (data) => served.push(data.toString('latin1').slice(0, 11)));
  socket.on('error', () => {});
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const upstream = { host: '127.0.0.1', port: typeof address === 'object' ? address?.port : 0 };

const gate = new Gate(gateConfig.parse({ upstream, newConnections: 'Hold' }), {
  listen: { port: 0, host: '127.0.0.1' },
  connectionBytes: 2 ** 20,
  budget: new Budget(2 ** 30),
  resolver: new Resolver(),
});
await gate.start();

async function client(text: string | Buffer) {
  const socket = connect({ port: gate.state.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}

const closed = await client('closed');
const talkative = await client(Buffer.alloc(50_000, 'talkative, and closed'));
const halfClosed = await client('half-closed');
await client('open');
await sleep(100);
console.log('held', gate.state.connections.held);
closed.destroy();
talkative.destroy();
halfClosed.end();
for (let held = 0; held !== 2; held = gate.state.connections.held) await sleep(50);
console.log('held 2');
await gate.apply(gateConfig.parse({ upstream }));
while (served.length < 2) await sleep(10);
await sleep(100);
console.log('served', served.toSorted().join(', '));
process.exit();
