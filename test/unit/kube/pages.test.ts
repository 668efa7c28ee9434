/** Pages bounded by bytes, against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import { AnswerTooLargeError } from '../../../src/kube/errors.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { Pages } from '../../../src/kube/pages.ts';
import { CONFIG_MAPS, configMap } from './support/objects.ts';
import {
  type Exchange,
  plainConfig,
  type ScriptedApi,
  scriptedApi,
} from './support/scriptedApi.ts';

const UNIT = 32 * 1024;

/** A thirty-second of the real ones, which are in MiB. */
const BOUNDS = { pageBytes: 2 * UNIT, objectBytes: 16 * UNIT };

let api: ScriptedApi;
let kube: Kube;
let asked: string[];

beforeEach(async () => {
  api = await scriptedApi();
  kube = new Kube(plainConfig(`http://127.0.0.1:${api.port}`), { userAgent: 'test/1' });
  asked = [];
});

afterEach(async () => {
  await kube.close();
  api.close();
});

/** Answers as an API server does that has objects of these sizes, until nobody asks any more. */
async function serve(sizes: readonly number[]): Promise<void> {
  for (;;) {
    const request = await api.next();
    answer(request, sizes);
  }
}

function answer(request: Exchange, sizes: readonly number[]): void {
  const { limit, continue: token = '0' } = request.query;
  asked.push(`${token}+${limit}`);
  const from = Number(token);
  const to = from + Number(limit);
  const items = sizes.slice(from, to).map((size, place) => ({
    ...configMap(`${from + place}`, 1),
    data: 'x'.repeat(size),
  }));
  const metadata = { resourceVersion: '5', ...(to < sizes.length ? { continue: `${to}` } : {}) };
  request.json({ kind: 'ConfigMapList', apiVersion: 'v1', metadata, items });
}

async function names(pages: Pages<KubeObject>): Promise<string[]> {
  const found: string[] = [];
  for await (const { items } of pages.list({}))
    found.push(...items.map((one) => one.metadata.name));
  return found;
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => `${number}`);

test('a page that is too long is asked for again with half as many, and pages grow again', async () => {
  const sizes = [...Array(6).fill(1.4 * UNIT), ...Array(30).fill(1)];
  void serve(sizes);
  const pages = new Pages(kube, CONFIG_MAPS, BOUNDS);
  expect(await names(pages)).toEqual(upTo(36));
  const first = [500, 250, 125, 62, 31, 15, 7, 3, 1].map((limit) => `0+${limit}`);
  const single = [1, 2, 3, 4, 5, 6].map((from) => `${from}+1`);
  expect(asked).toEqual([...first, ...single, '7+2', '9+4', '13+8', '21+16']);
  asked = [];
  expect(await names(pages)).toEqual(upTo(36));
  expect(asked[0]).toBe('0+32');
});

test('pages of large objects do not grow and shrink in turns', async () => {
  void serve(Array(40).fill(0.9 * UNIT));
  const pages = new Pages(kube, CONFIG_MAPS, BOUNDS);
  expect(await names(pages)).toEqual(upTo(40));
  // Nine to find out, and each object once.
  expect(asked.length).toBeLessThanOrEqual(9 + 40);
});

test('an object as large as JSON can make one is taken', async () => {
  void serve([15 * UNIT, 10]);
  expect(await names(new Pages(kube, CONFIG_MAPS, BOUNDS))).toEqual(['0', '1']);
});

test('one object that is too large ends the list with an error, and no loop', async () => {
  void serve([17 * UNIT]);
  await expect(names(new Pages(kube, CONFIG_MAPS, BOUNDS))).rejects.toThrow(AnswerTooLargeError);
  expect(asked).toHaveLength(9);
});

test('of an answer that is too long no more is read', async () => {
  const pages = names(new Pages(kube, CONFIG_MAPS, BOUNDS)).catch(() => {});
  const request = await api.next();
  request.open();
  request.write(Buffer.alloc(3 * UNIT, 'x'));
  await request.left();
  expect((await api.next()).query).toMatchObject({ limit: '250' });
  await kube.close();
  await pages;
});
