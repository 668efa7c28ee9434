import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPrefix, isSubsequence } from './support/bytes.ts';
import { type GateHarness, startHarness } from './support/harness.ts';
import { until } from './support/time.ts';
import { anySteps, harmlessSteps, Ledger, PAIRS, type Step } from './support/traffic.ts';

/** A soak takes more: `GATE_PROPERTY_RUNS=1000 npx vitest run --project gate test/gate/properties.test.ts`. */
const RUNS = Number(process.env.GATE_PROPERTY_RUNS ?? 40);
const TIME_LIMIT = RUNS * 300;

const ENDS = ['client', 'server'] as const;

/** Bounds so tight that they are met, and so wide that they are not. */
const bounds = fc.record({
  connectionBytes: fc.constantFrom(1, 20_000, 2 ** 24),
  processBytes: fc.constantFrom(1, 100_000, 2 ** 30),
});

async function run(
  harness: GateHarness,
  ledgers: readonly Ledger[],
  steps: readonly Step[],
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    switch (step.do) {
      case 'send':
        ledgers[step.pair]?.send(step.from, step.bytes);
        break;
      case 'finish':
      case 'reset':
        ledgers[step.pair]?.[step.do](step.end);
        break;
      case 'pause':
      case 'resume':
        ledgers[step.pair]?.pair[step.end][step.do]();
        break;
      case 'patch':
        await harness.set({ toServer: step.toServer, toClient: step.toClient });
        break;
      case 'disconnect':
        await harness.set({ disconnect: { nonce: `${index}`, how: step.how, count: step.count } });
        break;
      case 'wait':
        await sleep(step.milliseconds);
        break;
    }
  }
  await harness.set({ toServer: {}, toClient: {} });
  for (const { pair } of ledgers) for (const end of ENDS) pair[end].resume();
}

/** An end of a connection, what it was sent, and whether it is still there. */
function receivers(ledgers: readonly Ledger[]) {
  return ledgers.flatMap((ledger) =>
    ENDS.map((end) => ({
      peer: ledger.pair[end],
      sent: ledger.to(end),
      isGone: ledger.gone.has(end),
    })),
  );
}

function finishAll(ledgers: readonly Ledger[]): void {
  for (const ledger of ledgers) for (const end of ENDS) ledger.finish(end);
}

function loses(step: Step): boolean {
  return step.do === 'patch' && [step.toServer, step.toClient].some(({ drop }) => drop);
}

/** Runs a property over and over; a failure prints the seed and the steps that it takes. */
function check(
  steps: fc.Arbitrary<Step[]>,
  afterwards: (
    harness: GateHarness,
    ledgers: readonly Ledger[],
    steps: readonly Step[],
  ) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(steps, bounds, async (taken, options) => {
    const harness = await startHarness({ seed: 1 }, options);
    const pairs = await harness.openMany(PAIRS);
    const ledgers = pairs.map((pair, index) => new Ledger(pair, index));
    await run(harness, ledgers, taken);
    finishAll(ledgers);
    await afterwards(harness, ledgers, taken);
    await harness.counts(0);
    expect(harness.budget.used).toBe(0);
    await harness.close();
  });
  return fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT });
}

test(
  'whatever keeps bytes delivers all of them, once and in order, and then FIN',
  () =>
    check(harmlessSteps, async (harness, ledgers) => {
      for (const { peer, sent } of receivers(ledgers)) {
        expect((await peer.receives(sent.length)).equals(sent)).toBe(true);
        await peer.seesFin();
      }
      expect(harness.observed.closed.filter((reason) => !reason.endsWith('Eof'))).toEqual([]);
    }),
  TIME_LIMIT + 30_000,
);

test(
  'whatever happens, no byte comes twice, in another order or out of nothing, and each end hears the end',
  () =>
    check(anySteps, async (harness, ledgers, steps) => {
      for (const { peer, isGone } of receivers(ledgers)) {
        if (!isGone) await until('its end', () => !peer.isUntouched);
      }
      await harness.counts(0);
      const relation = steps.some(loses) ? isSubsequence : isPrefix;
      for (const { peer, sent } of receivers(ledgers)) {
        expect(relation(peer.bytes, sent)).toBe(true);
      }
    }),
  TIME_LIMIT + 30_000,
);
