import fc from 'fast-check';
import { type Faults, GateHarness, type Line } from './support.ts';

const HOUR = 3_600_000;

export const scopes = fc.constantFrom('Connection' as const, 'Gate' as const);

/** Faults that keep every byte, whatever they do to its time. None of them closes before the test is over. */
export const KEEPING = {
  stall: fc.constant({}),
  limitTime: fc.record({ milliseconds: fc.constant(24 * HOUR) }),
  limitIdle: fc.record({ milliseconds: fc.constant(24 * HOUR) }),
  limitBytes: fc.record({ bytes: fc.constant(2 ** 40), scope: scopes }),
  coalesce: fc.record({
    minBytes: fc.integer({ min: 1, max: 400 }),
    maxWaitMilliseconds: fc.integer({ min: 1, max: 300 }),
  }),
  delay: fc.tuple(fc.nat(300), fc.nat(300)).map(([milliseconds, jitter]) => ({
    milliseconds,
    jitterMilliseconds: Math.min(jitter, milliseconds),
  })),
  bandwidth: fc.record({
    bytesPerSecond: fc.integer({ min: 100, max: 100_000 }),
    burstBytes: fc.nat(200),
    scope: scopes,
  }),
  slice: fc.record({ maxBytes: fc.integer({ min: 1, max: 50 }), gapMilliseconds: fc.nat(20) }),
};

/** A direction with some of the faults. */
export function stackOf(settings: Record<string, fc.Arbitrary<object>>): fc.Arbitrary<Faults> {
  return fc.record(settings, { requiredKeys: [] });
}

export type Step =
  | { readonly do: 'send'; readonly line: number; readonly length: number }
  | { readonly do: 'patch'; readonly faults: Faults }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'block' | 'unblock' | 'end'; readonly line: number };

/** What happens to three connections, with patches of the given stacks in between. */
export function steps(stack: fc.Arbitrary<Faults>): fc.Arbitrary<Step[]> {
  const line = fc.nat(2);
  return fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('send' as const),
          line,
          length: fc.integer({ min: 1, max: 500 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('patch' as const), faults: stack }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: fc.nat(200) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom('block' as const, 'block' as const, 'unblock' as const),
          line,
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), line }) },
    ),
    // Long ones too: the size would bring ten on average.
    { maxLength: 60, size: 'max' },
  );
}

/** A connection, and what its sender has sent. */
class Talk {
  readonly line: Line;
  hasEnded = false;
  #sent: readonly Buffer[] = [];

  constructor(line: Line) {
    this.line = line;
  }

  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** No byte is below 100 or the same as its neighbours. */
  send(length: number): void {
    if (this.hasEnded) return;
    const before = this.sent.length;
    const bytes = Array.from({ length }, (_, index) => 100 + ((before + index) % 151));
    this.#sent = [...this.#sent, Buffer.from(bytes)];
    this.line.send(Buffer.from(bytes));
  }

  end(): void {
    if (!this.hasEnded) this.line.end();
    this.hasEnded = true;
  }
}

export interface Course {
  readonly harness: GateHarness;
  readonly talks: readonly Talk[];
}

/** Goes through the steps, then sets the last faults and waits for a minute. */
export function run(
  course: readonly Step[],
  { seed = 0, first, last }: { seed?: number; first: Faults; last: Faults },
): Course {
  const harness = new GateHarness(first, { seed });
  const talks = [0, 1, 2].map(() => new Talk(harness.open()));
  for (const step of course) take(step, harness, talks);
  for (const { line } of talks) line.unblock();
  harness.setFaults(last);
  harness.clock.advance(60_000);
  return { harness, talks };
}

function take(step: Step, harness: GateHarness, talks: readonly Talk[]): void {
  switch (step.do) {
    case 'patch':
      harness.setFaults(step.faults);
      break;
    case 'wait':
      harness.clock.advance(step.milliseconds);
      break;
    case 'send':
      talks[step.line]?.send(step.length);
      break;
    case 'end':
      talks[step.line]?.end();
      break;
    case 'block':
    case 'unblock':
      talks[step.line]?.line[step.do]();
  }
}
