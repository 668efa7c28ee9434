/** What a CI job runs under `chaosgate up --exit-with`: KUBECONFIG says where the API is. Says `ok` when all is well. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from '../../../src/client/client.ts';
import { exchange } from './echo.ts';

const server = createServer((socket) => socket.pipe(socket)).listen(
  Number(process.argv[2]),
  '127.0.0.1',
);
await once(server, 'listening');
{
  await using chaos = await connect();
  await using gate = await chaos.gate('from-file');
  await gate.toClient.delay(100);
  const start = performance.now();
  const answer = await exchange(gate)('hello');
  if (answer !== 'hello' || performance.now() - start < 100) throw new Error('It was not delayed');
  if ((await gate.connectionsCount()) !== 0) throw new Error('It was not counted');
}
server.close();
console.log('ok');
