/**
 * A process with as many gates as it is told. Takes one request per line, `{ "gates": N }` or `{ "apply": SNAPSHOT, "but": M }`,
 * and answers each with the seconds that it took.
 */
import { createInterface } from 'node:readline';
import type { ManagedGate } from '../../src/proxy/managedGate.ts';
import { FIRST_PORT, loopbackGates } from './gates.ts';

const gates = loopbackGates();
const added: ManagedGate[] = [];

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const start = performance.now();
  if (request.gates !== undefined) {
    while (added.length < request.gates) {
      // To look for a port that is free takes the longer the more gates there are.
      added.push(gates.add(`bench/gate-${added.length}`, { port: FIRST_PORT + added.length }));
    }
  }
  if (request.apply !== undefined) {
    for (const gate of added.slice(request.but)) await gate.apply(request.apply);
  }
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - start) / 1_000 })}\n`);
}
