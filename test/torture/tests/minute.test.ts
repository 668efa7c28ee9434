/** Three quarters of a minute of the campaign; docs/reliability.md has a long one. */
import { expect, test } from 'vitest';
import { localWorld } from '../local.ts';

/** Another one each day: what one of them finds, `npm run torture -- --seed` finds again. */
const SEED = Math.floor(Date.now() / 86_400_000);
const MILLISECONDS = 45_000;

test(`nothing is lost under random faults, kills and attacks (seed ${SEED})`, async () => {
  const options = { seed: SEED, milliseconds: MILLISECONDS, onProblem: console.error };
  const world = await localWorld(options);
  const report = await world.run();
  const { history } = world.findings;
  expect({ problems: report.problems, history: history.slice(-10) }).toMatchObject({
    problems: [],
  });
  // It has done something.
  expect(report.bytes.checked).toBeGreaterThan(1_000_000);
  expect(report.patches).toBeGreaterThan(10);
  expect(report.drained).toBeGreaterThan(0);
});
