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
  observedGeneration: count('Generation of the spec that the condition describes.'),
  lastTransitionTime: z
    .string()
    .max(64)
    .meta({ format: 'date-time' })
    .describe('When the status of the condition last changed.'),
  reason: z.string().min(1).max(1_024).describe('Machine-readable cause, in one word.'),
  message: z.string().max(MAX_MESSAGE).describe('Human-readable cause, and what to do.'),
});
export type Condition = z.infer<typeof condition>;

export const tcpGateStatus = z
  .object({
    observedGeneration: count('Generation of the spec that this status describes.').optional(),
    address: z.string().max(512).describe('Where clients connect, as host:port.').optional(),
    upstream: z
      .string()
      .max(512)
      .describe('The server or Service behind the gate, as host:port or service/NAME.')
      .optional(),
    faults: z
      .string()
      .max(MAX_FAULTS)
      .describe(
        'Faults in force on every open connection, in one line; none if there are no faults.',
      )
      .optional(),
    faultsEndTime: z
      .string()
      .max(64)
      .meta({ format: 'date-time' })
      .describe('When the faults end, or ended, by their duration. Absent if they have no end.')
      .optional(),
    connections: z
      .object({
        active: count('Connections currently open.'),
        accepted: count('Connections accepted since the running proxies started.'),
      })
      .describe('Totals of all proxies of the gate.')
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
        nonce: z
          .string()
          .max(63)
          .describe('The last nonce of spec.disconnect that was carried out.'),
        closed: count('Number of connections closed for that nonce.').optional(),
      })
      .describe('Result of spec.disconnect.')
      .optional(),
    conditions: z
      .array(condition)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .describe(
        'Ready, Programmed, Connected, FaultsActive and UpstreamReachable. InFront is present only with spec.service, and Reconciling and Stalled only while true.',
      )
      .optional(),
  })
  .describe('Observed state. Only the operator writes it.');

export type TcpGateStatus = z.infer<typeof tcpGateStatus>;

/**
 * The status of a gate that no operator has reconciled yet, a default in the definition: kstatus takes an object without
 * a status for Current, that is, ready. No object has generation 0.
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
    message: 'Waiting for an operator to reconcile the gate',
    // A default is the same for every gate, so it cannot have a real time. The Gateway API uses this time too.
    lastTransitionTime: '1970-01-01T00:00:00Z',
  })),
} satisfies TcpGateStatus;
