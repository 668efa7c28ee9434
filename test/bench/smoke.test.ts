/** All of the benchmark, too short to say anything but that it works. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SMOKE } from '../../bench/effort.ts';
import type { Figure } from '../../bench/figure.ts';
import { allMeasures } from '../../bench/measures/all.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

let folder: string;
let output: { figures: Figure[]; goals: { name: string; value?: number; rounds: number }[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-bench-'));
  const file = join(folder, 'results.json');
  await run(process.execPath, ['scripts/build.ts'], { cwd: root });
  await run(process.execPath, ['bench/run.ts', '--smoke', '--json', file], { cwd: root });
  output = JSON.parse(await readFile(file, 'utf8'));
}, 300_000);

afterAll(() => rm(folder, { recursive: true }));

test.each(allMeasures(SMOKE).flatMap(({ figures }) => figures))(
  '$name is measured of chaosgate',
  ({ name }) => {
    const samples = output.figures.find((figure) => figure.name === name)?.samples.chaosgate ?? [];
    expect(samples).toHaveLength(SMOKE.rounds);
    for (const sample of samples) expect(sample).toBeTypeOf('number');
  },
);

test.each(['throughput-1', 'round-trip-32-p99', 'connects'])(
  '%s is measured of the direct way and Toxiproxy too',
  (name) => {
    const samples = output.figures.find((figure) => figure.name === name)?.samples;
    expect(samples?.direct?.[0]).toBeGreaterThan(0);
    expect(samples?.toxiproxy?.[0]).toBeGreaterThan(0);
  },
);

test('a goal beside Toxiproxy has a value', () => {
  const goal = output.goals.find(({ name }) => name === 'throughput-1-to-toxiproxy');
  expect(goal?.value).toBeGreaterThan(0);
  expect(goal?.rounds).toBe(SMOKE.rounds);
});
