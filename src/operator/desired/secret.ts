import type { TcpGate } from '../../api/tcpgate.ts';
import type { Snapshot } from '../../control/messages.ts';
import { OPERATOR_ANNOTATION } from '../annotations.ts';
import { childMetadata, childName, identityOf } from './common.ts';

/** What a proxy needs to start by itself: who it is, the key of its control port, and what to do. */
export function desiredSecret(gate: TcpGate, key: Buffer, snapshot: Snapshot, operator: string) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...childMetadata(gate, childName(gate)),
      annotations: { [OPERATOR_ANNOTATION]: operator },
    },
    type: 'Opaque',
    data: {
      identity: base64(identityOf(gate)),
      key: key.toString('base64'),
      'snapshot.json': base64(JSON.stringify(snapshot)),
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
