import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { API_VERSION, GROUP, KIND, PLURAL, VERSION } from './names.ts';
import { structuralSchema } from './openapi.ts';
import { INITIAL_STATUS } from './status.ts';
import { tcpGate } from './tcpgate.ts';

const COLUMNS = [
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether the gate runs its current spec.',
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Reason of the Ready condition.',
  },
  {
    name: 'Faults',
    type: 'string',
    jsonPath: '.status.faults',
    description: 'Faults in force on every open connection.',
  },
  {
    name: 'Conns',
    type: 'integer',
    jsonPath: '.status.connections.active',
    description: 'Connections currently open.',
  },
  {
    name: 'Upstream',
    type: 'string',
    jsonPath: '.status.upstream',
    priority: 1,
    description: 'The server or Service behind the gate.',
  },
  {
    name: 'Upstream State',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="UpstreamReachable")].reason',
    priority: 1,
    description: 'Result of the last attempt to connect to that server.',
  },
  {
    name: 'Until',
    type: 'string',
    jsonPath: '.status.faultsEndTime',
    priority: 1,
    description: 'When the faults end by their duration.',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** The CustomResourceDefinition of TcpGate. */
export function tcpGateCrd() {
  const schema = structuralSchema(tcpGate) as {
    properties: { spec: object; status: object };
    'x-kubernetes-validations': unknown;
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        shortNames: ['tg'],
        categories: ['chaos'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: `TcpGate is a gate between TCP clients and a server. It injects faults into each direction of open connections (${API_VERSION}).`,
              required: ['spec'],
              'x-kubernetes-validations': schema['x-kubernetes-validations'],
              properties: {
                apiVersion: {
                  type: 'string',
                  description: 'Version of the schema of this object.',
                },
                kind: { type: 'string', description: 'Kind of this object: TcpGate.' },
                metadata: { type: 'object' },
                spec: schema.properties.spec,
                status: { ...schema.properties.status, default: INITIAL_STATUS },
              },
            },
          },
        },
      ],
    },
  };
}

/**
 * The annotation, and its value for this definition, by which the chart recognises that the definition in a cluster is
 * its own.
 */
export function definitionHash(): { readonly annotation: string; readonly hash: string } {
  const hash = createHash('sha256').update(JSON.stringify(tcpGateCrd().spec)).digest('hex');
  return { annotation: `${GROUP}/definition-hash`, hash: `sha256-${hash.slice(0, 16)}` };
}

/** The same as YAML 1.1, which quotes what Kubernetes' parser would read as a boolean ("y", "on"). */
export function tcpGateCrdYaml(): string {
  const { annotation, hash } = definitionHash();
  const crd = tcpGateCrd();
  const metadata = { ...crd.metadata, annotations: { [annotation]: hash } };
  return stringify({ ...crd, metadata }, { version: '1.1', lineWidth: 0 });
}
