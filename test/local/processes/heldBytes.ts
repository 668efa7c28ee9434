/** Gates of `chaosgate up` in this process, and clients that fill one. Says how many bytes of them it holds. */
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocal } from '../../../src/local/start.ts';
import { untilReady } from '../../../src/local/up/untilReady.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';

const CLIENTS = 4;
/** More than the bound of one direction of a connection. */
const BYTES = Buffer.alloc(32 * 2 ** 20);
const QUIET = 1_000;

const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const local = await startLocal();
const gate = {
  apiVersion: 'chaosgate.dev/v1alpha1',
  kind: 'TcpGate',
  metadata: { name: 'db', namespace: 'default' },
  spec: { upstream: { host: '127.0.0.1', port }, toServer: { delay: { milliseconds: 60_000 } } },
};
await local.kube.create(TCP_GATES, gate);
await untilReady(local, 30_000);
const listen = Number(local.runtime.observe('default/db').address?.split(':').at(-1));
for (let client = 0; client < CLIENTS; client += 1) {
  connect(listen, '127.0.0.1')
    .on('error', () => {})
    .write(BYTES);
}
let held = -1;
let now = 0;
while (now === 0 || now !== held) {
  held = now;
  await sleep(QUIET);
  now = local.runtime.traffic('default/db')?.toServer ?? 0;
}
console.log(`held ${held}`);
process.exit();
