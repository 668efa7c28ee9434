/** Objects as large as an API server takes them, of all kinds that the operator watches. */
import { randomBytes } from 'node:crypto';
import type { KubeObject, ObjectMeta, OwnerReference } from '../../src/kube/objects.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { CHILDREN, ENDPOINT_SLICES, PODS, TCP_GATES } from '../../src/operator/resources.ts';

const KIBIBYTE = 1024;

/** Bytes that annotations may have (apimachinery, ValidateAnnotationsSize), and that a Secret may (core, MaxSecretSize). */
const ANNOTATIONS = 256 * KIBIBYTE;
const SECRET = 1024 * KIBIBYTE;

/** What is left of what etcd takes (1.5 MiB) beside annotations and what is small. */
const REST = 1536 * KIBIBYTE - ANNOTATIONS - 16 * KIBIBYTE;

const TEXT = randomBytes(REST / 2).toString('hex');
const BASE64 = randomBytes(SECRET).toString('base64');

/** As long as a label may be: prefix, name and value. */
const PREFIX = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(62)).join('.');
const NAME = 63;

/** Labels of so many bytes. */
function pairs(bytes: number): Record<string, string> {
  const count = Math.floor(bytes / (PREFIX.length + 2 * NAME + 8));
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `${PREFIX}/${String(index).padStart(NAME, 'k')}`,
      TEXT.slice(index * NAME, index * NAME + NAME),
    ]),
  );
}

export interface LargestKind {
  readonly apiVersion: string;
  readonly resource: Resource<KubeObject>;
  /** What makes it large besides its annotations. */
  readonly content: (name: string) => object;
  /** Beside the one by which the operator knows what is its own. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly hasLargeAnnotations: boolean;
}

/** A pod that no scheduler looks at, as pod security `restricted` lets it in. */
const POD = {
  schedulerName: 'none',
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'large',
      image: 'localhost/none',
      args: [TEXT],
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};

const KINDS = {
  Secret: {
    apiVersion: 'v1',
    resource: CHILDREN.Secret,
    content: () => ({ data: { large: BASE64 } }),
    hasLargeAnnotations: false,
  },
  TcpGate: {
    apiVersion: 'chaosgate.dev/v1alpha1',
    resource: TCP_GATES,
    // In front of its own Service, so that it gets no pod.
    content: (name) => ({ spec: { upstream: { host: name, port: 1 } } }),
    // What labels take is noted a second time, with their owner.
    labels: pairs(REST / 2),
    hasLargeAnnotations: true,
  },
  Service: {
    apiVersion: 'v1',
    resource: CHILDREN.Service,
    content: () => ({
      spec: { type: 'ExternalName', externalName: 'none.example', selector: pairs(REST) },
    }),
    hasLargeAnnotations: true,
  },
  Deployment: {
    apiVersion: 'apps/v1',
    resource: CHILDREN.Deployment,
    content: () => ({
      spec: {
        paused: true,
        selector: { matchLabels: { app: 'large' } },
        template: { metadata: { labels: { app: 'large' } }, spec: POD },
      },
    }),
    hasLargeAnnotations: true,
  },
  NetworkPolicy: {
    apiVersion: 'networking.k8s.io/v1',
    resource: CHILDREN.NetworkPolicy,
    content: () => ({ spec: { podSelector: { matchLabels: pairs(REST) } } }),
    hasLargeAnnotations: true,
  },
  Pod: {
    apiVersion: 'v1',
    resource: PODS,
    content: () => ({ spec: POD }),
    hasLargeAnnotations: true,
  },
  EndpointSlice: {
    apiVersion: 'discovery.k8s.io/v1',
    resource: ENDPOINT_SLICES,
    content: () => ({
      addressType: 'FQDN',
      endpoints: Array.from({ length: 200 }, (_, one) => ({
        addresses: Array.from(
          { length: 24 },
          (__, two) => `${PREFIX.slice(0, 240)}.e${one}x${two}`,
        ),
      })),
    }),
    hasLargeAnnotations: true,
  },
} satisfies Record<string, LargestKind>;

/** By their names. */
export const LARGEST_KINDS: Readonly<Record<string, LargestKind>> = KINDS;

/** An object of that kind, with the label by which the operator watches what is its own. */
export function largest(kind: string, { labels, ...more }: ObjectMeta): KubeObject {
  const found = LARGEST_KINDS[kind];
  if (found === undefined) throw new TypeError(`${kind} is no kind that the operator watches`);
  const { apiVersion, content, hasLargeAnnotations } = found;
  const metadata = {
    ...more,
    labels: { 'app.kubernetes.io/managed-by': 'chaosgate-operator', ...found.labels, ...labels },
    ...(hasLargeAnnotations ? { annotations: { a: TEXT.slice(0, ANNOTATIONS - 1) } } : {}),
  };
  return { apiVersion, kind, metadata, ...content(more.name) };
}

/** Whom an object names that seems to be a gate's own. */
export function gateAsOwner(name: string, uid: string): OwnerReference {
  const gate = { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate' };
  return { ...gate, name, uid, controller: true };
}
