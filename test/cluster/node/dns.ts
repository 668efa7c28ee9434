import { DNS_SERVICE_ADDRESS, NODE_ADDRESS } from './addresses.ts';

const PORTS = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

/** Makes the node's CoreDNS, which is no pod, reachable at the cluster's DNS address. */
export const DNS_OBJECTS = [
  {
    path: '/api/v1/namespaces/kube-system/services',
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: { clusterIP: DNS_SERVICE_ADDRESS, ports: PORTS },
    },
  },
  {
    path: '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices',
    body: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kube-dns',
        namespace: 'kube-system',
        labels: { 'kubernetes.io/service-name': 'kube-dns' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [NODE_ADDRESS] }],
      ports: PORTS,
    },
  },
] as const;
