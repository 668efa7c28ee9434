/**
 * Keeps translated turns out of what people read: documentation, comments, messages, descriptions. A list of our own, as
 * prose linters do not know these turns, and know no Markdown tables, YAML or TypeScript without much configuration.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Each with what to write instead. */
const TURNS: readonly (readonly [turn: RegExp, instead: string])[] = [
  [/\bcan not\b/i, '"cannot"'],
  [/\banew\b/i, '"again", or a verb such as "reconnect"'],
  [/\b(?:be|is|are|was|were) to be had\b|\b(?:can|could|cannot) be had\b/i, '"is available"'],
  [/\bof (?:its|their) own accord\b/i, '"by itself", or nothing'],
  [/\bfor want of\b/i, '"without", or "for lack of"'],
  [/\bin vain\b/i, '"without success"'],
  [/\bfor ever\b/i, '"forever"'],
  [/\bthrown away\b/i, '"discarded"'],
  [/\b(?:takes?|took|taken) (?:\w+ )?clients? on\b/i, '"accepts clients"'],
  [/\b(?:is|are|was|were) told of\b/i, '"is reported"'],
  [/\bcame? to nothing\b|\bcomes to nothing\b/i, '"fails"'],
  [/\bthat which\b/i, '"what", or a noun'],
  [/\bthe data are\b/i, '"data is"'],
];

/** Not written by us, recorded, or what an older version said. */
const NOT_OURS =
  /^(?:LICENSE|NOTICE|package-lock\.json|CODE_OF_CONDUCT\.md|test\/contract\/answers\/|test\/checks\/prose\.test\.ts|scripts\/release\/last\/)/;
const TEXT = /\.(?:md|ts|cts|mts|js|cjs|json|ya?ml|tpl|txt|sh)$|^(?:Dockerfile|\.ci\/)/;

/** The same for pages that users read. */
const TURNS_OF_PAGES: typeof TURNS = [
  [/\bwho(?:so|m)?ever\b/i, '"anyone who", or "no matter who"'],
  [/\bfor good\b/i, '"permanently", or "forever"'],
];

const PAGE = /^(?:\w+\.md|docs\/[\w-]+\.md|charts\/chaosgate\/README\.md)$/;

test.each(TURNS)('no text says %s', (turn, instead) => {
  expectNone(lines(), turn, instead);
});

test.each(TURNS_OF_PAGES)('no page says %s', (turn, instead) => {
  const pages = lines().filter(({ file }) => PAGE.test(file));
  expectNone(pages, turn, instead);
});

function expectNone(all: readonly Line[], turn: RegExp, instead: string): void {
  const found = all.filter(({ line }) => turn.test(line));
  expect(
    found.map(({ file, number, line }) => `${file}:${number}: ${line.trim()}`),
    `Plain technical English, as in the documentation of Kubernetes: write ${instead}`,
  ).toEqual([]);
}

interface Line {
  readonly file: string;
  readonly number: number;
  readonly line: string;
}

let all: readonly Line[] | undefined;

/** Every line of every text file that is tracked, or is about to be. */
function lines(): readonly Line[] {
  all ??= execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => TEXT.test(file) && !NOT_OURS.test(file))
    .flatMap((file) => {
      const text = textOf(file);
      return text.split('\n').map((line, index) => ({ file, number: index + 1, line }));
    });
  return all;
}

/** Empty for a tracked file that is deleted. */
function textOf(file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return '';
  }
}
