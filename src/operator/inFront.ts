import type { Observation } from '../api/conditions.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { EnsureResult, RuntimeState } from './gateRuntime.ts';

/** What tells whether a gate with `service` is in front of it. */
interface Watched extends Pick<EnsureResult, 'inFront' | 'problem'>, Pick<RuntimeState, 'proxies'> {
  readonly gate: TcpGate;
}

/** None for a gate without `service`. */
export function inFrontObservations(
  { gate, inFront, problem, proxies }: Watched,
  previous: TcpGateStatus | undefined,
): Observation[] {
  const { service } = gate.spec;
  if (service === undefined) return [];
  const type = 'InFront';
  if (inFront !== true) {
    const { reason, message } = problem ?? {
      reason: 'Checking',
      message: `Service ${service.name} leads to its servers`,
    };
    return [{ type, status: 'False', reason, message }];
  }
  const wasInFront = previous?.conditions?.some(
    (condition) => condition.type === type && condition.status === 'True',
  );
  if (wasInFront !== true && proxies.every(({ endpoint }) => endpoint !== 'settled')) {
    const message = `Service ${service.name} selects the pods of the gate; its EndpointSlices and the nodes are about to follow`;
    return [{ type, status: 'False', reason: 'Switching', message }];
  }
  const message = `Service ${service.name} leads to the gate, and the gate to its servers`;
  return [{ type, status: 'True', reason: 'InFront', message }];
}
