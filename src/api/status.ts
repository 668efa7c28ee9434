import { z } from 'zod';

/** Bounds of metav1.Condition (k8s.io/apimachinery, meta/v1/types.go). */
export const MAX_MESSAGE = 32_768;

/** Longest line of `faults`, in characters. */
export const MAX_FAULTS = 4_096;

const conditionType = z.enum([
  'Ready',
  'Programmed',
  'Connected',
  'FaultsActive',
  'UpstreamReachable',
  'InFront',
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
    upstream: z
      .string()
      .max(512)
      .describe('What the gate stands in front of, as host:port or service/NAME.')
      .optional(),
    faults: z
      .string()
      .max(MAX_FAULTS)
      .describe('What is in force on every open connection, in one line; none without a fault.')
      .optional(),
    faultsEndTime: z
      .string()
      .max(64)
      .meta({ format: 'date-time' })
      .describe('When the faults end by themselves, or ended; absent when nothing ends them.')
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
        closed: count('Connections that it closed.').optional(),
      })
      .describe('What became of spec.disconnect.')
      .optional(),
    conditions: z
      .array(condition)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .describe(
        'Ready, Programmed, Connected, FaultsActive, UpstreamReachable; InFront with spec.service; Reconciling and Stalled while they are true.',
      )
      .optional(),
  })
  .describe('What is true now. Written by the operator alone.');

export type TcpGateStatus = z.infer<typeof tcpGateStatus>;

/**
 * The status of a gate that no operator has looked at yet, a default of the definition: to kstatus an object without a
 * status is Current, ready to be relied on. Generation 0 is none that an object ever has.
 */
export const INITIAL_STATUS = {
  observedGeneration: 0,
  conditions: (
    [
      ['Ready', 'Unknown'],
      ['Programmed', 'Unknown'],
      ['Reconciling', 'True'],
    ] as const
  ).map(([type, status]) => ({
    type,
    status,
    observedGeneration: 0,
    reason: 'Pending',
    message: 'No operator has looked at the gate yet',
    // A default is the same for every gate, so it can not say when; the Gateway API's says this too.
    lastTransitionTime: '1970-01-01T00:00:00Z',
  })),
} satisfies TcpGateStatus;
