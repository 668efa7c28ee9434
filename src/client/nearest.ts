/** Words of other tools, and those that people try, for names that are not alike. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  toxicity: 'connectionsPercent',
  probability: 'connectionsPercent',
  percent: 'connectionsPercent',
  latency: 'delay',
  rate: 'bandwidth',
  host: 'upstream',
  port: 'upstream',
  downstream: 'toClient',
  deadline: 'timeout',
  abort: 'signal',
  config: 'kubeconfig',
};

/** The name that is most likely meant by one that is unknown; undefined when none is near. */
export function nearest(unknown: string, names: readonly string[]): string | undefined {
  const other = OTHER_WORDS[unknown.toLowerCase()];
  if (other !== undefined && names.includes(other)) return other;
  const word = unknown.toLowerCase();
  const ranked = names
    .map((name) => ({ name, far: distance(word, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  if (best !== undefined && best.far <= Math.max(1, Math.floor(word.length / 3))) return best.name;
  return names.find((name) => isBeginning(name.toLowerCase(), word));
}

function isBeginning(a: string, b: string): boolean {
  return Math.min(a.length, b.length) > 2 && (a.startsWith(b) || b.startsWith(a));
}

/** How many letters have to be changed, added, left out or swapped with their neighbour (optimal string alignment). */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number =>
    rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(from.length, to.length);
}
