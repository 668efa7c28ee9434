import { z } from 'zod';
import { LOG_LEVELS } from '../observe/log.ts';

const labels = z.record(z.string(), z.string());
const port = z.int().min(1).max(65_535);
const seconds = z.int().min(1).max(3_600);

/** Pod settings that are handed on as they are; the API server judges them. */
const handedOn = z.record(z.string(), z.unknown());

/** The operator's configuration file. Unknown keys are refused: a typing error must not pass for a setting. */
export const operatorConfig = z.strictObject({
  /** Namespaces to serve; all if empty. */
  namespaces: z.array(z.string().min(1)).default([]),
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
  /** How a gate's NetworkPolicy knows the operator's pods. */
  operator: z.strictObject({ podLabels: labels.default({}) }).prefault({}),
  proxy: z.strictObject({
    image: z.string().min(1),
    imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
    imagePullSecrets: z.array(z.string()).default([]),
    resources: handedOn.default({}),
    nodeSelector: labels.default({}),
    tolerations: z.array(handedOn).default([]),
    affinity: handedOn.default({}),
    priorityClassName: z.string().default(''),
    podLabels: labels.default({}),
    podAnnotations: labels.default({}),
    buffers: z
      .strictObject({
        connectionBytes: z
          .int()
          .min(65_536)
          .default(16 * 1024 * 1024),
        processBytes: z
          .int()
          .min(65_536)
          .default(256 * 1024 * 1024),
      })
      .prefault({}),
  }),
});

export type OperatorConfig = z.infer<typeof operatorConfig>;
export type ProxyConfig = OperatorConfig['proxy'];
