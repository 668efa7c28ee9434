/** The name of the gate in the documentation. */
const GATE = 'postgres';

/** Commands that set something and take it back. */
export function patches(set: object, lift: object): string[] {
  return ['```console', command(set), command(lift), '```'];
}

function command(spec: object): string {
  const patch = JSON.stringify({ spec });
  if (patch.includes("'")) throw new Error(`Not for single quotes of a shell: ${patch}`);
  return `$ kubectl patch tg ${GATE} --type merge -p '${patch}'`;
}
