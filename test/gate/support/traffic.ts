import fc from 'fast-check';
import { bytesOf } from './bytes.ts';
import { anyFaults, type Faults, keepingFaults } from './faultArbitrary.ts';
import type { Pair } from './harness.ts';

type End = 'client' | 'server';

/** One thing that happens to a gate and its connections. */
export type Step =
  | { readonly do: 'send'; readonly pair: number; readonly from: End; readonly bytes: number }
  | {
      readonly do: 'finish' | 'pause' | 'resume' | 'reset';
      readonly pair: number;
      readonly end: End;
    }
  | { readonly do: 'patch'; readonly toServer: Faults; readonly toClient: Faults }
  | { readonly do: 'disconnect'; readonly how: 'Fin' | 'Reset'; readonly count: number }
  | { readonly do: 'wait'; readonly milliseconds: number };

export const PAIRS = 3;

const pair = fc.nat(PAIRS - 1);
const end = fc.constantFrom<End>('client', 'server');
const at = <D extends 'finish' | 'pause' | 'resume' | 'reset'>(what: D) =>
  fc.record({ do: fc.constant(what), pair, end });

const send = fc.record({
  do: fc.constant('send' as const),
  pair,
  from: end,
  bytes: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 300 }), weight: 5 },
    { arbitrary: fc.integer({ min: 1, max: 150_000 }), weight: 5 },
    // More than the kernel's buffers take from a receiver that does not read: the rest waits in the gate.
    { arbitrary: fc.integer({ min: 3_000_000, max: 6_000_000 }), weight: 1 },
  ),
});
const wait = fc.record({
  do: fc.constant('wait' as const),
  milliseconds: fc.integer({ min: 0, max: 12 }),
});
const patch = (faults: fc.Arbitrary<Faults>) =>
  fc.record({ do: fc.constant('patch' as const), toServer: faults, toClient: faults });

/** Steps after which every byte must have arrived. */
export const harmlessSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<{ arbitrary: fc.Arbitrary<Step>; weight: number }[]>(
    { arbitrary: send, weight: 8 },
    { arbitrary: patch(keepingFaults), weight: 4 },
    { arbitrary: wait, weight: 3 },
    { arbitrary: at('pause'), weight: 1 },
    { arbitrary: at('resume'), weight: 1 },
    { arbitrary: at('finish'), weight: 1 },
  ),
  { minLength: 5, maxLength: 50, size: 'max' },
);

/** Steps of all kinds. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<{ arbitrary: fc.Arbitrary<Step>; weight: number }[]>(
    { arbitrary: send, weight: 8 },
    { arbitrary: patch(anyFaults), weight: 4 },
    { arbitrary: wait, weight: 3 },
    { arbitrary: at('pause'), weight: 1 },
    { arbitrary: at('resume'), weight: 1 },
    { arbitrary: at('finish'), weight: 1 },
    { arbitrary: at('reset'), weight: 1 },
    {
      arbitrary: fc.record({
        do: fc.constant('disconnect' as const),
        how: fc.constantFrom('Fin' as const, 'Reset' as const),
        count: fc.integer({ min: 1, max: PAIRS }),
      }),
      weight: 1,
    },
  ),
  { minLength: 5, maxLength: 50, size: 'max' },
);

/** What was sent on a connection, and whether its ends have said all. */
export class Ledger {
  readonly pair: Pair;
  readonly sent: Record<End, Buffer[]> = { client: [], server: [] };
  readonly finished = new Set<End>();
  /** Ends that have reset. */
  readonly gone = new Set<End>();
  readonly #name: number;

  constructor(pair: Pair, name: number) {
    this.pair = pair;
    this.#name = name;
  }

  send(from: End, bytes: number): void {
    if (this.finished.has(from) || this.gone.has(from) || this.pair[from].error !== undefined)
      return;
    const data = bytesOf(bytes, `${this.#name} ${from} ${this.sent[from].length}`);
    this.sent[from].push(data);
    this.pair[from].send(data);
  }

  finish(end: End): void {
    if (this.gone.has(end)) return;
    this.finished.add(end);
    this.pair[end].finish();
  }

  reset(end: End): void {
    this.gone.add(end);
    this.pair[end].reset();
  }

  /** All that was sent to that end. */
  to(end: End): Buffer {
    return Buffer.concat(this.sent[end === 'client' ? 'server' : 'client']);
  }
}
