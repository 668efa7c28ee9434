/** Fixtures for vitest: `import { chaosTest } from 'chaosgate/vitest'`. */
import { type TestAPI, test } from 'vitest';
import type { Chaos } from './chaos.ts';
import { CONNECT_OPTIONS, type ConnectOptions, connect } from './connect.ts';
import type { Gate } from './gate.ts';
import { readOptions } from './options.ts';
import type { GateSpec } from './resource.ts';

/** A function is asked when the gate is made, for an upstream that is not known before. */
export type GateSource = GateSpec | (() => GateSpec | Promise<GateSpec>);

export interface ChaosTestOptions<N extends string> extends ConnectOptions {
  /** The gates, by name. */
  readonly gates: { readonly [name in N]: GateSource };
}

/** Names that are valid in a pattern such as `({ postgres })`: vitest reads no others. */
type Plain<N extends string> = N extends `${string}-${string}` ? never : N;

/** What tests are given: each gate by its name, unless there is a `-` in it; all of them; and the connection. */
export type ChaosFixtures<N extends string> = Readonly<Record<Plain<N>, Gate>> & {
  readonly gates: Readonly<Record<N, Gate>>;
  readonly chaos: Chaos;
};

/** vitest's own mark of what lives for a file, so that fixtures of that scope may build on these. */
interface FileScope<T> {
  readonly $__file?: T;
}

/**
 * vitest's `test` with gates. They come up before the first test of a file and go after its last one, and they are reset
 * before and after each test, whether the test asks for them or not: a service that is started against them in a fixture
 * of scope `file` outlives their faults.
 */
export function chaosTest<const N extends string>(
  given: ChaosTestOptions<N>,
): TestAPI<ChaosFixtures<N> & FileScope<ChaosFixtures<N>>> {
  const known = { ...CONNECT_OPTIONS, gates: true } as const;
  const { gates: sources, ...options } = readOptions('chaosTest()', given, known);
  const names = Object.keys(sources) as N[];
  const scope = { scope: 'file' } as const;
  // Closes the connection, too: vitest gives no cleanup to a fixture that needs no other.
  const gates = async (
    { chaos }: ChaosFixtures<N>,
    use: (gates: Record<N, Gate>) => Promise<void>,
  ): Promise<void> => {
    await using connection = chaos;
    const made = names.map(async (name) => [name, await make(connection, name, sources[name])]);
    await use(Object.fromEntries(await Promise.all(made)));
  };
  const resetGates = async (
    { gates: all }: ChaosFixtures<N>,
    use: () => Promise<void>,
  ): Promise<void> => {
    const reset = () => Promise.all(names.map((name) => all[name].reset()));
    await reset();
    await use();
    await reset();
  };
  const byName = names.map((name) => {
    const gate = async (
      { gates: all }: ChaosFixtures<N>,
      use: (gate: Gate) => Promise<void>,
    ): Promise<void> => use(all[name]);
    return [name, [gate, scope]];
  });
  // The names are known to the caller's types alone.
  const extended: unknown = test
    .extend('chaos', scope, () => connect(options))
    .extend({
      gates: [gates, scope],
      resetGates: [resetGates, { auto: true }],
      ...Object.fromEntries(byName),
    });
  return extended as TestAPI<ChaosFixtures<N> & FileScope<ChaosFixtures<N>>>;
}

async function make(chaos: Chaos, name: string, source: GateSource): Promise<Gate> {
  return chaos.gate(name, typeof source === 'function' ? await source() : source);
}
