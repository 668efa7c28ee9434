/**
 * Writes down what a real API server answers: `node test/contract/record.ts KUBECONFIG [STORY]`. The cluster must have the
 * CRD. Both this API and the clusters of the tests are held against what is written.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { answersFile } from './answers.ts';
import { Client, serverOf } from './client.ts';
import { play } from './play.ts';
import { stories } from './stories.ts';

const [kubeconfig, only] = process.argv.slice(2);
if (kubeconfig === undefined) throw new Error('Say which kubeconfig');
const client = new Client(serverOf(kubeconfig));
for (const story of stories.filter(({ name }) => only === undefined || name === only)) {
  const namespace = `contract-${Math.random().toString(36).slice(2, 8)}`;
  await client.send(
    'POST',
    '/api/v1/namespaces',
    {},
    JSON.stringify({ metadata: { name: namespace } }),
  );
  const answers = await play(story, client, namespace);
  await client.send('DELETE', `/api/v1/namespaces/${namespace}`);
  const file = answersFile(story.name);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, stringify(answers, { lineWidth: 0, aliasDuplicateObjects: false }));
}
client.close();
