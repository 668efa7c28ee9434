/** Files and patches mean to us what they mean to the stock kubectl. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/yaml/read.ts';
import { SCALARS } from '../unit/yaml/table.ts';
import { Chaosgate, startUp } from './up/support/up.ts';

/** Values of a document as kubectl sends them. */
async function asKubectlReads(texts: readonly string[]): Promise<unknown[]> {
  const { kubectl } = await startUp();
  const { stdout, stderr } = await kubectl.attempt(
    ['create', '--dry-run=client', '--validate=false', '-o', 'json', '-f', '-'],
    { input: documentOf(texts) },
  );
  if (stdout === '') throw new Error(stderr);
  const { spec } = JSON.parse(stdout) as { spec: Record<string, unknown> };
  return texts.map((_, index) => spec[`v${index}`]);
}

function asWeRead(texts: readonly string[]): unknown[] {
  const { spec } = parseYaml(documentOf(texts)).value as { spec: Record<string, unknown> };
  return texts.map((_, index) => spec[`v${index}`]);
}

function documentOf(texts: readonly string[]): string {
  const head = 'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata: {name: a}\nspec:\n';
  return head + texts.map((text, index) => `  v${index}: ${text}\n`).join('');
}

test('kubectl reads the table as it stands', async () => {
  const read = await asKubectlReads(SCALARS.map(([text]) => text));
  expect(SCALARS.map(([text], index) => [text, read[index]])).toEqual(SCALARS);
});

test('and what nobody thought of as we do', async () => {
  const part = fc.constantFrom(
    ...'0123789_.+-eExXbBoOaAyYnNtrue'.split(''),
    'yes',
    'inf',
    '0x',
    '.nan',
  );
  const scalar = fc
    .array(part, { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(''))
    // kubectl refuses the whole document for infinity, and what starts so is an item of a list.
    .filter((text) => !/^[-+]?\.(inf|nan)$/i.test(text) && !/^-($|-)/.test(text));
  const texts = fc.sample(scalar, { seed: 20_261_129, numRuns: 2_000 });
  const [kubectl, ours] = [await asKubectlReads(texts), asWeRead(texts)];
  const differing = texts.flatMap((text, index) =>
    Object.is(JSON.stringify(kubectl[index]), JSON.stringify(ours[index]))
      ? []
      : [[text, kubectl[index], ours[index]]],
  );
  expect(differing).toEqual([]);
});

test('chaosgate patch as well', async () => {
  const { kubectl, home } = await startUp();
  const patch =
    'spec: {toClient: {delay: &ms {milliseconds: 0300}, limitIdle: {<<: *ms}}, seed: 1_000}';
  const gates = [1, 2].map((index) => ({
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: `patched-${index}` },
    spec: { upstream: { host: 'localhost', port: 5_432 } },
  }));
  for (const gate of gates) await kubectl.pipe(JSON.stringify(gate), 'create', '-f', '-');
  const ours = new Chaosgate(['patch', 'tg', 'patched-1', '-p', patch], { home });
  expect(await ours.exit(), ours.stderr).toBe(0);
  await kubectl.run('patch', 'tg', 'patched-2', '--type=merge', '-p', patch);
  const read = async (name: string) =>
    (JSON.parse(await kubectl.run('get', 'tg', name, '-o', 'json')) as { spec: unknown }).spec;
  expect(await read('patched-1')).toEqual(await read('patched-2'));
  expect(await read('patched-1')).toMatchObject({ toClient: { limitIdle: { milliseconds: 192 } } });
});
