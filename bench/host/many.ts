/**
 * A process with as many gates as it is told. Takes one request per line, `{ "gates": N }` or `{ "apply": SNAPSHOT, "but": M }`,
 * and answers each with the seconds that it took.
 */
import { createInterface } from 'node:readline';
import { KEY_BYTES } from '../../src/control/psk.ts';
import { FIRST_PORT, HostedGates } from './gates.ts';

const gates = new HostedGates(FIRST_PORT);
let count = 0;

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const start = performance.now();
  if (request.gates !== undefined) {
    for (; count < request.gates; count += 1) {
      gates.add(`bench/gate-${count}`, Buffer.alloc(KEY_BYTES));
    }
  }
  if (request.apply !== undefined) await gates.applyToAll(request.apply, request.but);
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - start) / 1_000 })}\n`);
}
