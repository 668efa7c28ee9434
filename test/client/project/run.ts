/** Run in a project that has the package alone. Says `ok` when all is well. */
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial } from 'node:net';
import { connect, InvalidError } from 'chaosgate/client';

const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
{
  await using chaos = await connect({ local: true });
  await using gate = await chaos.gate('echo', { upstream: { host: '127.0.0.1', port } });
  const socket = dial(gate.port, gate.host);
  await gate.waitForConnections();
  await gate.toClient.delay(100);
  const start = performance.now();
  socket.write('x');
  await once(socket, 'data');
  const milliseconds = performance.now() - start;
  if (milliseconds < 100) throw new Error(`The delay was ${milliseconds} ms`);
  const error: unknown = await gate.toClient.delay(-1).catch((thrown: unknown) => thrown);
  if (!(error instanceof InvalidError)) throw new Error('It took a negative delay');
  socket.destroy();
}
server.close();
console.log('ok');
