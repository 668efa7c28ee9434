import { setTimeout as sleep } from 'node:timers/promises';
import { type Patience, until } from '../../test/cluster/poll.ts';
import type { OperatorProcess } from './operatorProcess.ts';

/** Seconds without a write after which an operator has nothing more to do: longer than a status waits for its turn. */
const QUIET = 6;

/** Requests so far without watches and what renews the Lease: GET, and PUT, which the operator does nothing else with. */
export async function writesOf(operator: OperatorProcess): Promise<number> {
  const [all, ...others] = await Promise.all([
    operator.metric('rest_client_requests_total'),
    operator.metric('rest_client_requests_total', { method: 'GET' }),
    operator.metric('rest_client_requests_total', { method: 'PUT' }),
  ]);
  return others.reduce((left, count) => left - count, all);
}

/** Nothing has been written for some seconds. */
export async function becomeQuiet(operator: OperatorProcess, patience: Patience): Promise<void> {
  await until('the operator writes nothing', patience, async () => {
    const before = await writesOf(operator);
    await sleep(QUIET * 1_000);
    return (await writesOf(operator)) === before;
  });
}
