import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';
import { type Counts, TALLY_FILE, tallyLine } from './counts.ts';

/** Ends a run with one line over all levels, or leaves its counts to a run of several. */
export default class Tally implements Reporter {
  readonly #count = { passed: 0, failed: 0, skipped: 0, pending: 0 };

  onTestCaseResult(test: TestCase): void {
    this.#count[test.result().state] += 1;
  }

  onTestRunEnd(
    modules: Parameters<NonNullable<Reporter['onTestRunEnd']>>[0],
    errors: readonly unknown[],
  ): void {
    // A file that fails to load, or an error outside of any test, has no test case to count.
    const broken = modules.reduce((sum, module) => sum + module.errors().length, 0) + errors.length;
    const { passed, failed, skipped } = this.#count;
    process.stdout.on('error', () => {});
    process.once('exit', (code) => {
      // A set-up that fails is no test either, and ends the run before any.
      const unsaid = code !== 0 && failed + broken === 0 ? 1 : 0;
      end({ passed, failed: failed + broken + unsaid, skipped });
    });
  }
}

function end(counts: Counts): void {
  const file = process.env[TALLY_FILE];
  if (file === undefined) process.stdout.write(`${tallyLine(counts)}\n`);
  else writeFileSync(file, JSON.stringify(counts));
}
