import type { Reporter, TestCase } from 'vitest/node';

/** Ends a run with one line over all levels: `N passed, N failed, N skipped`. */
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
      const failures = failed + broken + unsaid;
      process.stdout.write(`${passed} passed, ${failures} failed, ${skipped} skipped\n`);
    });
  }
}
