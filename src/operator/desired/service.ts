import { servicePort } from '../../api/spec.ts';
import type { GateWithUpstream } from '../../api/tcpgate.ts';
import { childMetadata, selectorLabels } from './common.ts';

/** Where clients reach the gate: a Service with the gate's own name. */
export function desiredService(gate: GateWithUpstream) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(gate, gate.metadata.name),
    spec: {
      type: 'ClusterIP',
      ipFamilyPolicy: 'PreferDualStack',
      internalTrafficPolicy: 'Cluster',
      publishNotReadyAddresses: undefined,
      selector: selectorLabels(gate),
      ports: [{ name: 'gate', protocol: 'TCP', port: servicePort(gate.spec), targetPort: 'gate' }],
    },
  };
}
