import { tcpGateSpec } from '../../../src/api/spec.ts';
import type { Condition, TcpGateStatus } from '../../../src/api/status.ts';
import type { GateObject, GateSpec } from '../../../src/client/resource.ts';

export const GENERATION = 7;

export function condition(
  type: Condition['type'],
  status: Condition['status'],
  { reason = 'Reason', message = 'Message', observedGeneration = GENERATION } = {},
): Condition {
  return {
    type,
    status,
    reason,
    message,
    observedGeneration,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
}

/** A gate as an API server hands it out, defaults filled in. */
export function gateObject(
  spec: Partial<GateSpec> & { disconnect?: { nonce: string } } = {},
  status?: TcpGateStatus,
): GateObject {
  return {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { namespace: 'here', name: 'postgres', uid: 'uid', generation: GENERATION },
    spec: tcpGateSpec.parse({ upstream: { host: 'db', port: 5432 }, ...spec }),
    ...(status === undefined ? {} : { status }),
  };
}
