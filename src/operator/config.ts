import { z } from 'zod';
import { MAX_DURATION_SECONDS } from '../api/spec.ts';
import { LOG_LEVELS } from '../observe/log.ts';
import {
  affinity,
  annotations,
  cidr,
  labels,
  namespaceName,
  networkPolicyPeer,
  objectName,
  resources,
  toleration,
} from './podSettings.ts';
import { resourceProblems } from './proxyResources.ts';

const port = z.int().min(1).max(65_535);
const duration = z.int().min(0).max(MAX_DURATION_SECONDS);
const seconds = z.int().min(1).max(3_600);

/** The operator's configuration file. Unknown keys are refused: a typing error must not pass for a setting. */
export const operatorConfig = z.strictObject({
  /** Namespaces to serve; all if empty. */
  namespaces: z.array(namespaceName).default([]),
  leaderElection: z
    .strictObject({
      enabled: z.boolean().default(true),
      leaseName: z.string().default('chaosgate-operator'),
      leaseSeconds: seconds.default(15),
      renewSeconds: seconds.default(10),
      retrySeconds: seconds.default(2),
    })
    .refine(({ leaseSeconds, renewSeconds }) => renewSeconds < leaseSeconds, {
      path: ['renewSeconds'],
      message: 'must be less than leaseSeconds: a leader has to give up before another one begins',
    })
    .refine(({ renewSeconds, retrySeconds }) => retrySeconds < renewSeconds, {
      path: ['retrySeconds'],
      message: 'must be less than renewSeconds: a leader needs more than one try',
    })
    .prefault({}),
  http: z.strictObject({ port: port.default(8_080) }).prefault({}),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
  gates: z
    .strictObject({
      /** Between the EndpointSlice that lists a gate's pod and `Ready`: nodes follow later, and do not say when. */
      readyDelayMilliseconds: z.int().min(0).max(60_000).default(200),
    })
    .prefault({}),
  faults: z
    .strictObject({
      /** For gates that have faults and say no duration; 0: until somebody lifts them. */
      defaultDurationSeconds: duration.default(3_600),
      /** What is longer is shortened to it; 0: no limit. */
      maxDurationSeconds: duration.default(0),
    })
    .prefault({}),
  services: z
    .strictObject({
      /** Gates may be put in front of Services. */
      front: z.boolean().default(true),
      /** Only of those with the annotation `chaosgate.dev/front: allowed`. */
      requireConsent: z.boolean().default(false),
    })
    .prefault({}),
  /** How a gate's NetworkPolicy knows the operator's pods. */
  operator: z.strictObject({ podLabels: labels.default({}) }).prefault({}),
  proxy: z
    .strictObject({
      image: z.string().min(1),
      imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
      imagePullSecrets: z.array(objectName).default([]),
      resources: resources.default({}),
      /** In place of `resources` for the gates of a namespace, as its quota and its LimitRange may need. */
      resourcesByNamespace: z.record(namespaceName, resources).default({}),
      nodeSelector: labels.default({}),
      tolerations: z.array(toleration).default([]),
      affinity: affinity.default({}),
      priorityClassName: objectName.or(z.literal('')).default(''),
      podLabels: labels.default({}),
      podAnnotations: annotations.default({}),
      /** Addresses that no gate may connect to. */
      deniedUpstreams: z
        .array(cidr)
        .max(256)
        .default(['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10']),
      /** Each gate's NetworkPolicy. An empty list lets everyone in. */
      networkPolicy: z
        .strictObject({
          enabled: z.boolean().default(true),
          /** Who may connect to gates. */
          clients: z.array(networkPolicyPeer).default([]),
          /** Who may ask for metrics; the kubelet may always ask for probes. */
          scrapers: z.array(networkPolicyPeer).default([]),
        })
        .prefault({}),
      buffers: z
        .strictObject({
          connectionBytes: z
            .int()
            .min(65_536)
            .default(16 * 1024 * 1024),
          /** 0: the proxy decides by its memory limit. */
          processBytes: z.literal(0).or(z.int().min(65_536)).default(0),
        })
        .prefault({}),
    })
    .superRefine(({ resources, resourcesByNamespace, buffers }, context) => {
      const all = [
        { path: ['resources'], resources },
        ...Object.entries(resourcesByNamespace).map(([namespace, each]) => ({
          path: ['resourcesByNamespace', namespace],
          resources: each,
        })),
      ];
      for (const { path, resources } of all) {
        for (const { field, message } of resourceProblems(resources, buffers.processBytes)) {
          context.addIssue({ code: 'custom', path: [...path, ...field], message });
        }
      }
    }),
});

export type OperatorConfig = z.infer<typeof operatorConfig>;
export type ProxyConfig = OperatorConfig['proxy'];
