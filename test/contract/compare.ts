/**
 * Plays stories that nobody thought of on this API and on a real one, and says where the answers differ:
 * `node test/contract/compare.ts KUBECONFIG [SEED [STORIES]]`. What it finds becomes a request of the contract.
 */
import { isDeepStrictEqual } from 'node:util';
import { startGateApi } from '../../src/local/gateApi.ts';
import { Client, serverOf } from './client.ts';
import { randomStories } from './generate.ts';
import { play } from './play.ts';

const [kubeconfig, seed = `${Date.now() % 1e6}`, count = '50'] = process.argv.slice(2);
if (kubeconfig === undefined) throw new Error('Say which kubeconfig');
const api = await startGateApi({ port: 0, version: '0', onError: console.error });
const ours = new Client({ url: api.url, ca: api.certificate, token: api.token });
const real = new Client(serverOf(kubeconfig));

let played = 0;
let differing = 0;
for (const [index, story] of randomStories(Number(seed), Number(count)).entries()) {
  const namespace = `compare-${Date.now().toString(36)}-${index}`;
  const object = { metadata: { name: namespace } };
  await real.send('POST', '/api/v1/namespaces', {}, JSON.stringify(object));
  const [expected, answers] = [
    await play(story, real, namespace),
    await play(story, ours, namespace),
  ];
  await real.send('DELETE', `/api/v1/namespaces/${namespace}`);
  // What comes after the first difference may follow from it.
  const step = story.requests.find(({ name }) => !isDeepStrictEqual(expected[name], answers[name]));
  played += story.requests.length;
  if (step === undefined) continue;
  differing += 1;
  console.log(`"${story.name}", step ${step.name}: ${step.method} ${step.path}`);
  console.log(`  sent ${JSON.stringify(step.body)}`);
  console.log(`  real ${JSON.stringify(expected[step.name])}`);
  console.log(`  ours ${JSON.stringify(answers[step.name])}`);
}
console.log(`seed ${seed}: ${played} requests in ${count} stories, ${differing} stories differ`);
ours.close();
real.close();
await api.close();
