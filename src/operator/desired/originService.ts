import type { TcpGate } from '../../api/tcpgate.ts';
import { originName } from '../front/names.ts';
import type { Service } from '../front/service.ts';
import { childMetadata } from './common.ts';

/**
 * Where the servers are while the Service that the gate is in front of leads to the gate: a Service that leads to them as
 * that one did, for the gate alone.
 *
 * @param service the fronted one
 * @param original the selector that it has without the gate
 */
export function desiredOriginService(
  gate: TcpGate,
  { spec = {} }: Service,
  original: Readonly<Record<string, string>>,
) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(gate, originName(gate)),
    spec: {
      type: 'ClusterIP',
      ipFamilies: spec.ipFamilies,
      ipFamilyPolicy: spec.ipFamilyPolicy,
      internalTrafficPolicy: 'Cluster',
      publishNotReadyAddresses: spec.publishNotReadyAddresses === true ? true : undefined,
      trafficDistribution: spec.trafficDistribution,
      selector: original,
      ports: (spec.ports ?? []).map(
        ({ name, protocol = 'TCP', appProtocol, port, targetPort = port }) => ({
          ...(name === undefined ? {} : { name }),
          protocol,
          ...(appProtocol === undefined ? {} : { appProtocol }),
          port,
          targetPort,
        }),
      ),
    },
  };
}
