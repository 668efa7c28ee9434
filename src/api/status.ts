import { z } from 'zod';

/** Bounds of metav1.Condition (k8s.io/apimachinery, meta/v1/types.go). */
export const MAX_MESSAGE = 32_768;

const conditionType = z.enum([
  'Ready',
  'Programmed',
  'Connected',
  'UpstreamReachable',
  'Reconciling',
  'Stalled',
]);
export type ConditionType = z.infer<typeof conditionType>;

const count = (description: string) => z.int().min(0).describe(description);

const condition = z.object({
  type: z.string().max(316).describe('Name of the condition.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('True, False or Unknown.'),
  observedGeneration: count('Generation of the spec that the condition speaks of.'),
  lastTransitionTime: z
    .string()
    .max(64)
    .meta({ format: 'date-time' })
    .describe('When the status of the condition last changed.'),
  reason: z.string().min(1).max(1_024).describe('Why, in one word for programs.'),
  message: z.string().max(MAX_MESSAGE).describe('Why, and what to do, for people.'),
});
export type Condition = z.infer<typeof condition>;

export const tcpGateStatus = z
  .object({
    observedGeneration: count('Generation of the spec that this status speaks of.').optional(),
    address: z.string().max(512).describe('Where clients connect, as host:port.').optional(),
    faults: z
      .string()
      .max(4_096)
      .describe('What is in force on every open connection, in one line; none without a fault.')
      .optional(),
    connections: z
      .object({
        active: count('Connections that are open now.'),
        accepted: count('Connections accepted since the running proxies started.'),
      })
      .describe('Counts over all proxies of the gate.')
      .optional(),
    proxies: z
      .object({
        desired: count('Proxies that should run.'),
        ready: count('Proxies that are ready to serve.'),
        programmed: count('Ready proxies that run this generation on every open connection.'),
      })
      .describe('The processes that carry the bytes.')
      .optional(),
    disconnect: z
      .object({
        nonce: z.string().max(63).describe('The last nonce of spec.disconnect that was run.'),
      })
      .describe('What became of spec.disconnect.')
      .optional(),
    conditions: z
      .array(condition)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .describe(
        'Ready, Programmed, Connected, UpstreamReachable; Reconciling and Stalled while they are true.',
      )
      .optional(),
  })
  .describe('What is true now. Written by the operator alone.');

export type TcpGateStatus = z.infer<typeof tcpGateStatus>;
