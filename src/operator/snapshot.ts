import { gateConfigOf } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { Snapshot } from '../control/messages.ts';

/** What whoever hosts the gate is to run. */
export function snapshotOf(
  { metadata, spec }: TcpGate,
  status: TcpGateStatus | undefined,
): Snapshot {
  const nonce = status?.disconnect?.nonce;
  return {
    generation: metadata.generation,
    config: gateConfigOf(spec),
    ...(nonce === undefined ? {} : { disconnectedNonce: nonce }),
  };
}
