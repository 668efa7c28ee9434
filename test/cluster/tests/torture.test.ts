/** A minute of the campaign against the chart: see docs/reliability.md. */
import { describe, expect, test } from 'vitest';
import { clusterWorld } from '../../torture/inCluster.ts';
import { chooseCluster } from '../cluster.ts';

/** Another one each day: what one of them finds, `npm run torture -- --cluster --seed` finds again. */
const SEED = Math.floor(Date.now() / 86_400_000);
const MILLISECONDS = 45_000;

const { kind } = await chooseCluster();

// Elsewhere nobody may kill the API server, and gates do not find the servers of this process.
describe.runIf(kind === 'node')('the chart', () => {
  test(`loses nothing under random faults, kills and attacks (seed ${SEED})`, {
    timeout: 400_000,
  }, async () => {
    const options = { seed: SEED, milliseconds: MILLISECONDS, onProblem: console.error };
    const world = await clusterWorld(options);
    const report = await world.run();
    const { history } = world.findings;
    expect({ problems: report.problems, history: history.slice(-10) }).toMatchObject({
      problems: [],
    });
    expect(report.bytes.checked).toBeGreaterThan(1_000_000);
    expect(report.drained).toBeGreaterThan(0);
  });
});
