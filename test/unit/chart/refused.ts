/** Values of the chart with a mistake, for Helm, which has to refuse them at install, and for the operator at start. */
export interface RefusedValues {
  readonly mistake: string;
  /** As in a file for `helm install -f`. */
  readonly values: object;
  /** What a refusal names: the path, and what is wrong there. */
  readonly path: string;
  readonly word: string;
}

const onNodes = (nodeAffinity: object) => ({ proxy: { affinity: { nodeAffinity } } });
const onNodesWith = (requirement: object) =>
  onNodes({
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [requirement] }],
    },
  });
const memory = (limit: string | number) => ({ limits: { memory: limit } });

export const REFUSED: readonly RefusedValues[] = [
  {
    mistake: 'a leader that gives up too late',
    values: { leaderElection: { leaseSeconds: 5 } },
    path: 'leaderElection.renewSeconds',
    word: 'less than',
  },
  {
    mistake: 'a leader with a single try',
    values: { leaderElection: { retrySeconds: 10 } },
    path: 'leaderElection.retrySeconds',
    word: 'less than',
  },
  {
    mistake: 'a lease that is too long',
    values: { leaderElection: { leaseSeconds: 4_000 } },
    path: 'leaderElection.leaseSeconds',
    word: '00',
  },
  {
    mistake: 'a name that no namespace has',
    values: { namespaces: ['Team'] },
    path: 'namespaces',
    word: 'match',
  },
  {
    mistake: 'more held bytes than the memory limit has room for',
    values: { proxy: { buffers: { processBytes: 400_000_000 } } },
    path: 'proxy.resources.limits.memory',
    word: 'at least 96Mi and twice proxy.buffers.processBytes',
  },
  {
    mistake: 'more held bytes than the memory limit of a namespace has room for',
    values: {
      proxy: { buffers: { processBytes: 2 ** 27 }, resourcesByNamespace: { a: memory('256Mi') } },
    },
    path: 'proxy.resourcesByNamespace.a.limits.memory',
    word: 'at least 96Mi and twice proxy.buffers.processBytes',
  },
  {
    mistake: 'hardly any held bytes',
    values: { proxy: { buffers: { processBytes: 5 } } },
    path: 'proxy.buffers.processBytes',
    word: '',
  },
  {
    mistake: 'a memory limit below what a proxy needs',
    values: { proxy: { resources: memory('64Mi') } },
    path: 'proxy.resources.limits.memory',
    word: 'at least 128Mi',
  },
  {
    mistake: 'a memory limit in thousandths of a byte',
    values: { proxy: { resources: memory('536870912m') } },
    path: 'proxy.resources.requests.memory',
    word: '536870912m',
  },
  {
    mistake: 'a memory limit that is no quantity',
    values: { proxy: { resources: memory('512MiB') } },
    path: 'proxy.resources.limits.memory',
    word: '',
  },
  {
    mistake: 'a request beyond the limit',
    values: { proxy: { resources: { requests: { memory: '1Gi' } } } },
    path: 'proxy.resources.requests.memory',
    word: 'at most',
  },
  {
    mistake: 'a resource that there is not',
    values: { proxy: { resources: { limits: { memry: '512Mi' } } } },
    path: 'proxy.resources.limits',
    word: 'memry',
  },
  {
    mistake: 'a key that resources do not have',
    values: { proxy: { resourcesByNamespace: { a: { limit: {} } } } },
    path: 'proxy.resourcesByNamespace.a',
    word: 'limit',
  },
  {
    mistake: 'a key that an affinity does not have',
    values: { proxy: { affinity: { nodAffinity: {} } } },
    path: 'proxy.affinity',
    word: 'nodAffinity',
  },
  {
    mistake: 'a key that an affinity does not have, further down',
    values: onNodes({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchLabels: {} }] },
    }),
    path: 'proxy.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution',
    word: 'matchLabels',
  },
  {
    mistake: 'a required affinity without a term',
    values: onNodes({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
    }),
    path: 'proxy.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    word: '',
  },
  {
    mistake: 'a requirement that is among no values',
    values: onNodesWith({ key: 'zone', operator: 'In' }),
    path: 'proxy.affinity.nodeAffinity',
    word: 'values',
  },
  {
    mistake: 'a toleration of an effect that there is not',
    values: { proxy: { tolerations: [{ key: 'a', effect: 'NoShedule' }] } },
    path: 'proxy.tolerations',
    word: 'NoSchedule',
  },
  {
    mistake: 'a toleration with a key that there is not',
    values: { proxy: { tolerations: [{ key: 'a', efect: 'NoSchedule' }] } },
    path: 'proxy.tolerations',
    word: 'efect',
  },
  {
    mistake: 'a toleration of nothing in particular',
    values: { proxy: { tolerations: [{ effect: 'NoSchedule' }] } },
    path: 'proxy.tolerations',
    word: 'key',
  },
  {
    mistake: 'a toleration for a time of what does not evict',
    values: { proxy: { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] } },
    path: 'proxy.tolerations',
    word: 'NoExecute',
  },
  {
    mistake: 'a label that is none',
    values: { proxy: { podLabels: { team: 'a b' } } },
    path: 'proxy.podLabels.team',
    word: '',
  },
  {
    mistake: 'a label of nodes that is none',
    values: { proxy: { nodeSelector: { 'a b': 'c' } } },
    path: 'proxy.nodeSelector',
    word: 'a b',
  },
  {
    mistake: 'an annotation that is no text',
    values: { proxy: { podAnnotations: { scrape: true } } },
    path: 'proxy.podAnnotations.scrape',
    word: 'string',
  },
  {
    mistake: 'a name that no priority class has',
    values: { proxy: { priorityClassName: 'High' } },
    path: 'proxy.priorityClassName',
    word: '',
  },
  {
    mistake: 'a peer of a policy that is nobody',
    values: { proxy: { networkPolicy: { clients: [{}] } } },
    path: 'proxy.networkPolicy.clients',
    word: '',
  },
  {
    mistake: 'a peer of a policy with a key that there is not',
    values: { proxy: { networkPolicy: { scrapers: [{ podSelektor: {} }] } } },
    path: 'proxy.networkPolicy.scrapers',
    word: '',
  },
  {
    mistake: 'a peer of a policy that is no range of addresses',
    values: { proxy: { networkPolicy: { clients: [{ ipBlock: { cidr: '10.0.0.1' } }] } } },
    path: 'proxy.networkPolicy.clients',
    word: '',
  },
];

/** What only the chart knows. */
export const REFUSED_BY_HELM: readonly RefusedValues[] = [
  {
    mistake: 'a suffix in which addresses may end',
    values: { policies: { upstreams: { suffixes: ['0.1'] } } },
    path: 'policies.upstreams.suffixes',
    word: 'match',
  },
  {
    mistake: 'a suffix that begins with a dot',
    values: { policies: { upstreams: { suffixes: ['.example.com'] } } },
    path: 'policies.upstreams.suffixes',
    word: 'match',
  },
  {
    mistake: 'a label with its value',
    values: { policies: { namespaceLabel: 'chaosgate.dev/allowed=true' } },
    path: 'policies.namespaceLabel',
    word: 'match',
  },
  {
    mistake: 'faults on no connection at all',
    values: { policies: { maxConnectionsPercent: 0 } },
    path: 'policies.maxConnectionsPercent',
    word: '1',
  },
  {
    mistake: 'a ServiceMonitor without the Service',
    values: { metrics: { enabled: false, serviceMonitor: { enabled: true } } },
    path: 'metrics.serviceMonitor.enabled',
    word: 'metrics.enabled',
  },
  {
    mistake: 'resources for a namespace that is not served',
    values: {
      namespaces: ['a'],
      proxy: { resourcesByNamespace: { b: memory('256Mi') } },
    },
    path: 'proxy.resourcesByNamespace.b',
    word: 'not served',
  },
  {
    mistake: 'several operators without an election',
    values: { replicaCount: 2, leaderElection: { enabled: false } },
    path: 'leaderElection.enabled',
    word: 'replicaCount',
  },
  {
    mistake: 'a repository that no image has',
    values: { image: { repository: 'Chaosgate' } },
    path: 'image.repository',
    word: 'match',
  },
  {
    mistake: 'a key that there is not',
    values: { proxy: { resourceByNamespace: {} } },
    path: 'proxy',
    word: 'resourceByNamespace',
  },
];

/** Everything that Kubernetes takes for the pods of proxies, for the chart, for the operator and for Kubernetes. */
export const ACCEPTED = {
  resources: {
    requests: { cpu: '10m', memory: 134_217_728, 'ephemeral-storage': '1e9' },
    limits: { cpu: 0.5, memory: '0.25Gi', 'ephemeral-storage': '1G', 'example.com/gpu': 1 },
  },
  nodeSelector: { 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/chaos': '' },
  tolerations: [
    { operator: 'Exists' },
    { key: 'example.com/a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
    { key: 'b', value: 'c', effect: 'NoSchedule' },
    { key: 'b', operator: 'Equal', value: '', effect: 'PreferNoSchedule' },
  ],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
              { key: 'example.com/broken', operator: 'DoesNotExist' },
              { key: 'example.com/cores', operator: 'Gt', values: ['4'] },
            ],
          },
          { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['node-1'] }] },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, preference: { matchExpressions: [{ key: 'ssd', operator: 'Exists' }] } },
      ],
    },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'topology.kubernetes.io/zone',
          labelSelector: { matchLabels: { app: 'server' } },
          namespaceSelector: {},
          namespaces: ['team-a'],
        },
      ],
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: {
              matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['proxy'] }],
            },
            matchLabelKeys: ['pod-template-hash'],
          },
        },
      ],
    },
  },
  priorityClassName: 'system-cluster-critical',
  podLabels: { 'example.com/team': 'a.b-c_1' },
  podAnnotations: { 'example.com/note': 'Any text: "{}"\n' },
} as const;
