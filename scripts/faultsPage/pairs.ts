import { type FaultName, faults } from '../../src/gate/faults/registry.ts';
import { OUTCOMES } from '../../test/unit/gate/faults/pairs.ts';

const NAMES = Object.keys(faults) as FaultName[];

/** What comes of every two faults, as the tests state and prove it; the same outcomes of one fault in one row. */
export function pairsTable(): string[] {
  return [
    '| first | then | effect |',
    '|---|---|---|',
    ...NAMES.flatMap((first, index) => rowsOf(first, NAMES.slice(index + 1))),
  ];
}

function rowsOf(first: FaultName, others: readonly FaultName[]): string[] {
  const groups = Map.groupBy(others, (second) => outcomeOf(first, second));
  return [...groups].map(
    ([says, seconds]) =>
      `| \`${first}\` | ${seconds.map((name) => `\`${name}\``).join(', ')} | ${says} |`,
  );
}

function outcomeOf(first: FaultName, second: FaultName): string {
  const says = OUTCOMES[first]?.[second]?.says;
  if (says === undefined) throw new Error(`No outcome is stated for ${first} and ${second}`);
  return says;
}
