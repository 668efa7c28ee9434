/** What is written down of a real API server is what this cluster's answers: the same requests, the same answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client, serverOf } from '../../contract/client.ts';
import { gist, recorded } from '../../contract/judge.ts';
import { type Answer, play } from '../../contract/play.ts';
import { stories } from '../../contract/stories.ts';
import { KUBERNETES_VERSION } from '../versions.ts';
import { scaleOperator } from './support/system.ts';

let client: Client;
let hasOtherWords = false;

beforeAll(async () => {
  const kubeconfig = process.env.KUBECONFIG;
  if (kubeconfig === undefined) throw new Error('KUBECONFIG is not set');
  client = new Client(serverOf(kubeconfig));
  // An operator that writes statuses would be one more author of every object.
  await scaleOperator(0);
  const { body } = await client.send('GET', '/version');
  const { minor } = JSON.parse(body) as { minor: string };
  hasOtherWords = minor.replace('+', '') !== KUBERNETES_VERSION.split('.')[1];
}, 120_000);

afterAll(async () => {
  await scaleOperator(1);
  client.close();
}, 120_000);

describe.each(stories)('the story "$name"', (story) => {
  const namespace = `contract-${Date.now().toString(36)}-${story.name.toLowerCase().replaceAll(' ', '-')}`;
  const written = recorded(story);
  let answers: Record<string, Answer>;

  beforeAll(async () => {
    const object = { metadata: { name: namespace } };
    await client.send('POST', '/api/v1/namespaces', {}, JSON.stringify(object));
    answers = await play(story, client, namespace);
    await client.send('DELETE', `/api/v1/namespaces/${namespace}`);
  });

  test.each(story.requests.map(({ name }) => name))('%s', (name) => {
    const [answer, expected] = [answers[name], written[name]];
    if (answer === undefined || expected === undefined) throw new Error('It was not played');
    // Another version of Kubernetes may put things otherwise; what programs go by is the same.
    if (hasOtherWords) expect(gist(answer)).toMatchObject(gist(expected));
    else expect(answer).toEqual(expected);
  });
});
