import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPrefix, isSubsequence } from '../../../gate/support/bytes.ts';
import { type Course, KEEPING, run, scopes, stackOf, steps } from './course.ts';
import { GateHarness } from './support.ts';

/** Nothing is left of the bytes that have gone through. */
function expectClean({ harness, talks }: Course): void {
  expect(harness.held).toBe(0);
  expect(harness.clock.waiting).toBe(0);
  for (const { line, hasEnded } of talks) {
    expect(line.endedAt !== undefined).toBe(hasEnded && line.closed === undefined);
  }
}

describe('any stack of faults, changed at any time', () => {
  test('that keep bytes brings each byte once, in order, and the end behind them', () => {
    fc.assert(
      fc.property(stackOf(KEEPING), steps(stackOf(KEEPING)), (first, course) => {
        const result = run(course, { first, last: {} });
        for (const { line, sent } of result.talks) {
          expect(line.received.equals(sent)).toBe(true);
          expect(line.closed).toBeUndefined();
        }
        expectClean(result);
      }),
      { numRuns: 400 },
    );
  });

  test('with drop in it brings a part of the bytes, in order', () => {
    const stack = stackOf({ ...KEEPING, drop: fc.constant({}) });
    fc.assert(
      fc.property(stack, steps(stack), (first, course) => {
        const result = run(course, { first, last: {} });
        for (const { line, sent } of result.talks) {
          expect(isSubsequence(line.received, sent)).toBe(true);
        }
        expectClean(result);
      }),
      { numRuns: 200 },
    );
  });

  test('with closes in it brings a prefix of the bytes to each connection', () => {
    const stack = stackOf({
      ...KEEPING,
      closeOnData: fc.constant({}),
      limitTime: fc.record({
        milliseconds: fc.nat(500),
        clock: fc.constantFrom('FirstData' as const, 'Connect' as const),
      }),
      limitIdle: fc.record({ milliseconds: fc.integer({ min: 1, max: 500 }) }),
      limitBytes: fc.record({ bytes: fc.nat(800), scope: scopes }),
    });
    fc.assert(
      fc.property(stack, steps(stack), (first, course) => {
        const result = run(course, { first, last: {} });
        for (const { line, sent } of result.talks) {
          expect(isPrefix(line.received, sent)).toBe(true);
        }
        expect(result.harness.held).toBe(0);
        expect(result.harness.clock.waiting).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('with a limitBytes that stays brings exactly so many bytes before the close', () => {
    const { limitBytes: _, stall: _s, ...others } = KEEPING;
    fc.assert(
      fc.property(
        fc.nat(1_000),
        stackOf(others),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }),
        (bytes, faults, lengths) => {
          const harness = new GateHarness({ ...faults, limitBytes: { bytes } });
          const line = harness.open();
          const sent = lengths.reduce((sum, length) => sum + length, 0);
          for (const length of lengths) {
            line.send('x'.repeat(length));
            harness.clock.advance(7);
          }
          harness.clock.advance(300_000);
          const isOver = sent >= bytes && sent > 0;
          expect(line.received.length).toBe(isOver ? bytes : sent);
          expect(line.closed !== undefined).toBe(isOver);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('changes each byte once that passes corrupt, whatever is patched around it', () => {
    const stack = stackOf(KEEPING);
    fc.assert(
      fc.property(fc.nat(1_000), stack, steps(stack), (seed, first, course) => {
        const corrupt = {};
        const patched = course.map((step) =>
          step.do === 'patch' ? { ...step, faults: { ...step.faults, corrupt } } : step,
        );
        const result = run(patched, { seed, first: { ...first, corrupt }, last: { corrupt } });
        const alone = run(
          course.filter((step) => step.do === 'send' || step.do === 'end'),
          { seed, first: { corrupt }, last: { corrupt } },
        );
        for (const [index, { line, sent }] of result.talks.entries()) {
          expect(line.received).toHaveLength(sent.length);
          expect([...line.received].every((byte, at) => byte !== sent[at])).toBe(true);
          expect(alone.talks[index]?.line.received.equals(line.received)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('replaces each match once that passes substitute, whatever is patched around it', () => {
    const stack = stackOf(KEEPING);
    // One byte, so that no match is cut; what it becomes matches again.
    const substitute = [{ pattern: 'd', replacement: 'ddd' }];
    fc.assert(
      fc.property(stack, steps(stack), (first, course) => {
        const patched = course.map((step) =>
          step.do === 'patch' ? { ...step, faults: { ...step.faults, substitute } } : step,
        );
        const result = run(patched, { first: { ...first, substitute }, last: { substitute } });
        for (const { line, sent } of result.talks) {
          expect(line.text).toBe(sent.toString('latin1').replaceAll('d', 'ddd'));
        }
      }),
      { numRuns: 200 },
    );
  });
});
