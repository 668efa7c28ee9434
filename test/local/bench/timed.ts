/**
 * chaosgate in a process that times itself: for each patch, the milliseconds from the arrival of the request to the status
 * that says that every open connection runs it. Writes its kubeconfig to the file that it is given.
 */
import { subscribe } from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { objectIn } from '../../../src/json/json.ts';
import { startLocal } from '../../../src/local/start.ts';

const [, , kubeconfig = ''] = process.argv;
const local = await startLocal({ onError: (error) => console.error(error) });
let arrivedAt = 0;
subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  if (request.method === 'PATCH') arrivedAt = performance.now();
});
let generation = 1;
local.store.collection('tcpgates').subscribe(({ after }) => {
  const status = objectIn(after, 'status');
  if (Number(status.observedGeneration ?? 0) <= generation) return;
  generation = Number(status.observedGeneration);
  const conditions = status.conditions as readonly { type: string; status: string }[];
  const isInForce = conditions.some((each) => each.type === 'Programmed' && each.status === 'True');
  console.log(isInForce ? performance.now() - arrivedAt : 'not in force');
});
process.on('SIGTERM', () => void local.stop().then(() => process.exit(0)));
await writeFile(kubeconfig, local.kubeconfig);
console.log('serves');
