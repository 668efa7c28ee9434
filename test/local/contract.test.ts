/** This API answers what a real API server was seen to answer; `test/cluster/tests/contract.test.ts` sees to the other half. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gist, recorded } from '../contract/judge.ts';
import { type Answer, play } from '../contract/play.ts';
import { stories } from '../contract/stories.ts';
import { type LocalServer, startServer } from './support/server.ts';

let server: LocalServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.stop();
});

describe.each(stories)('the story "$name"', (story) => {
  const namespace = `contract-${story.name.toLowerCase().replaceAll(' ', '-')}`;
  const real = recorded(story);
  let answers: Record<string, Answer>;

  beforeAll(async () => {
    answers = await play(story, server.client, namespace);
  });

  test.each(story.requests.map(({ name }) => name))('%s', (name) => {
    const [answer, expected] = [answers[name], real[name]];
    if (answer === undefined || expected === undefined) throw new Error('It was not played');
    const differs = story.requests.find((request) => request.name === name)?.differs;
    if (differs === undefined) expect(answer).toEqual(expected);
    else {
      expect(gist(answer)).toMatchObject(gist(expected));
      // A difference that is gone has to go from the list, too.
      expect(answer).not.toEqual(expected);
    }
  });
});

test('every difference is in the documentation', async () => {
  const text = await readFile(new URL('../../docs/local.md', import.meta.url), 'utf8');
  const reasons = stories.flatMap(({ requests }) =>
    requests.flatMap(({ differs = [] }) => differs),
  );
  expect(reasons.length).toBeGreaterThan(0);
  expect([...new Set(reasons)].filter((reason) => !text.includes(`- ${reason}\n`))).toEqual([]);
});

test('nothing of all that surprised the server', () => {
  expect(server.errors).toEqual([]);
});
