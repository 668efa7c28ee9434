import type { TcpGate } from '../../api/tcpgate.ts';
import type { StoredSnapshot } from '../../control/storedSnapshot.ts';
import { OPERATOR_ANNOTATION } from '../annotations.ts';
import { childMetadata, childName, identityOf } from './common.ts';

/** The key of the stored snapshot: the name of the file that the proxy mounts. */
export const SNAPSHOT_KEY = 'snapshot.json';

/** What a proxy needs to start by itself: who it is, the key of its control port, and what to do. */
export function desiredSecret(
  gate: TcpGate,
  key: Buffer,
  snapshot: StoredSnapshot,
  operator: string,
) {
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
      [SNAPSHOT_KEY]: base64(JSON.stringify(snapshot)),
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
