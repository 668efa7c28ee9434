/** A process that lives through all that a gate can do, closes the gate, and then has nothing left to do. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Gate } from '../../../src/gate/gate.ts';
import { Resolver } from '../../../src/gate/resolver.ts';

const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

/** Of a lookup that never ends, and of one that does. */
const lookup = (host: string) =>
  host === 'silent.test' ? new Promise<never>(() => {}) : Promise.resolve(['127.0.0.1']);
const upstream = { host: 'fine.test', port };
const budget = new Budget(100_000);
const gate = new Gate(gateConfig.parse({ upstream }), {
  listen: { port: 0, host: '127.0.0.1' },
  connectionBytes: 50_000,
  budget,
  resolver: new Resolver({ lookup }),
});
await gate.start();

async function comers(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const socket = connect(gate.state.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(Buffer.alloc(index * 20_000 + 1));
    if (index % 3 === 0) socket.end();
    if (index % 3 === 1) setTimeout(() => socket.resetAndDestroy(), 10 * index);
  }
  await sleep(50);
}

const hour = { delay: { milliseconds: 3_600_000 } };
for (const patch of [
  {},
  { toServer: hour, toClient: hour },
  { toServer: { stall: {} }, toClient: { drop: {} } },
  { toClient: { closeOnData: { how: 'Fin' } } },
  { toServer: hour, newConnections: 'Hold' },
  { toServer: hour, disconnect: { nonce: '1', how: 'Reset', count: 3 } },
  { newConnections: 'Refuse' },
  { upstream: { host: '127.0.0.1', port: 1 } },
  { upstream: { host: 'silent.test', port }, toServer: hour },
]) {
  await gate.apply(gateConfig.parse({ upstream, ...patch }));
  await comers(6);
}
await gate.close();
const { active, held } = gate.state.connections;
console.log(`active ${active} held ${held} bytes ${budget.used}`);
for (const socket of sockets) socket.destroy();
server.close();
setTimeout(() => console.log('Left:', process.getActiveResourcesInfo()), 5_000).unref();
