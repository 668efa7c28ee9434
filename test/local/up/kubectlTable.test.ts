/** `chaosgate get|wait|apply|patch|delete` beside the stock kubectl, word for word. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Output } from '../support/kubectl.ts';
import { runHere } from './support/here.ts';
import { DIFFERENT, SAME } from './support/kubectlLines.ts';
import { aFolder, aGate, startUp, type Up } from './support/up.ts';

const upstream = { host: '127.0.0.1', port: 9 };
const DOCS = join(import.meta.dirname, '../../../docs/local.md');

/** Processes at a time. */
const AT_ONCE = 3;

let up: Up;

beforeEach(async () => {
  const home = await aFolder();
  const x = { labels: { app: 'x' }, annotations: { 'example.com/note': '<a & b>' } };
  const y = { labels: { app: 'y' } };
  const files = {
    'gates.yaml': aGate('db', { upstream }, x) + aGate('web', { upstream }, y),
    'missing.yaml': aGate('a', { upstream }) + aGate('b', { upstream }),
    'bad.yaml': aGate('bad', { upstream, seed: -1 }),
    'empty.yaml': '# Nothing\n',
    'patch.yaml': 'spec:\n  seed: 3\n',
    'path.txt': '{.metadata.name}{"\\n"}',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  up = await startUp({ home });
  await up.kubectl.run('apply', '-f', join(home, 'gates.yaml'));
  await up.kubectl.pipe(aGate('other', { upstream }, { namespace: 'staging' }), 'apply', '-f', '-');
  await up.kubectl.run('wait', 'tg', '--all', '-A', '--for=condition=Ready');
});

/** The words of a line, as a shell would have them; files by their whole names. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:\{"[^ ]*|'[^']*'|"(?:\\.|[^"])*"|[^\s'"])+/g) ?? [];
  return words.map((word) => {
    const bare =
      word.startsWith('{') || word.includes('={"')
        ? word
        : word.replaceAll(/'([^']*)'|"((?:\\.|[^"])*)"/g, (_, a, b) => a ?? b);
    return bare.replace(/(?<=^|=)[\w.]+\.(yaml|txt)$/, (file) => join(up.home, file));
  });
}

/** Without what may differ: seconds, the program's own name, and how a library breaks and quotes YAML. */
function meaning({ code, stdout, stderr }: Output, line: string): object {
  const isYaml = /-o=?\s*yaml/.test(line) && code === 0;
  return {
    code,
    stdout: isYaml
      ? parse(stdout)
      : stdout.replaceAll(/\b\d+m?\d*s\b/g, 'AGE').replaceAll(/AGE +/g, 'AGE '),
    // What client-go logs of a watch that was short is nothing that kubectl has to say.
    stderr: stderr.replaceAll("'chaosgate get", "'kubectl get").replaceAll(/^[IW]\d{4} .*\n/gm, ''),
  };
}

interface Answers {
  readonly line: string;
  readonly ours: Output;
  readonly theirs: Output;
}

async function play(lines: readonly string[]): Promise<Answers[]> {
  const env = { KUBECONFIG: join(up.home, '.chaosgate', 'kubeconfig') };
  const answers: Answers[] = [];
  const left = [...lines];
  const worker = async () => {
    for (let line = left.shift(); line !== undefined; line = left.shift()) {
      const theirs = await up.kubectl.attempt(wordsOf(line));
      answers.push({ line, theirs, ours: { code: -1, stdout: '', stderr: '' } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const all: Answers[] = [];
  for (const answer of answers) {
    all.push({ ...answer, ours: await runHere(wordsOf(answer.line), env) });
  }
  return all;
}

test('says the same, on the same stream, with the same code', { timeout: 600_000 }, async () => {
  const answers = await play(SAME);
  expect(answers).toHaveLength(SAME.length);
  for (const { line, ours, theirs } of answers) {
    expect.soft(meaning(ours, line), line).toEqual(meaning(theirs, line));
  }
});

describe('docs/local.md', () => {
  test('says what is otherwise, and it is', { timeout: 120_000 }, async () => {
    const docs = (await readFile(DOCS, 'utf8')).replaceAll(/\s+/g, ' ');
    for (const { line, ours, theirs } of await play(DIFFERENT.map((each) => each.line))) {
      expect.soft(meaning(ours, line), line).not.toEqual(meaning(theirs, line));
    }
    const unsaid = DIFFERENT.filter(({ says }) => !docs.includes(says));
    expect(unsaid).toEqual([]);
  });

  test('names the options of kubectl that are not there', { timeout: 120_000 }, async () => {
    const docs = await readFile(DOCS, 'utf8');
    for (const command of ['get', 'wait', 'apply', 'patch', 'delete']) {
      const help = (await up.kubectl.attempt([command, '--help'])).stdout;
      const theirs = [...optionsIn(help)].sort();
      const ours = optionsIn((await runHere([command, '--help'], {})).stdout);
      // `--no-wait` is `--wait=false`; so are the headers.
      const missing = theirs.filter((option) => !ours.has(option) && !ours.has(`no-${option}`));
      const list = missing.map((option) => `\`--${option}\``).join(', ');
      const row = `| \`${command}\` | ${list} |`;
      expect.soft(docs.includes(row), row).toBe(true);
    }
  });
});

function optionsIn(help: string): Set<string> {
  const names = [...help.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, name = '']) => name);
  return new Set(names);
}
