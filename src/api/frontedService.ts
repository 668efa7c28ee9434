import { z } from 'zod';
import { integer } from '../gate/schema.ts';

/** Maximum number of ports of a Service behind a gate, and of entries in `ports`. */
export const MAX_PORTS = 100;

/** `drainSeconds` of a gate that does not set it. */
export const DEFAULT_DRAIN_SECONDS = 30;

/** Longest `drainSeconds`. */
const MAX_DRAIN_SECONDS = 600;

/** Names of Services and of their ports: DNS labels (RFC 1123). A port's number has the same form. */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label = z.string().min(1).max(63).regex(LABEL);

/** The existing Service that clients use, and how the gate takes its place. */
export const frontedService = z
  .object({
    name: label.describe('Name of a Service in the namespace of the gate.'),
    ports: z
      .array(label)
      .min(1)
      .max(MAX_PORTS)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe(
        "Ports of the Service that faults apply to, each by name or by number as text, such as '5432'. Default: all. Other ports pass everything.",
      )
      .optional(),
    drainSeconds: integer(
      'Maximum time that connections through the gate may stay open after the Service leads to its servers again, in seconds. Then they are closed (FIN).',
      { min: 0, max: MAX_DRAIN_SECONDS },
    ).default(DEFAULT_DRAIN_SECONDS),
    replicas: integer(
      'Number of pods of the gate, spread over nodes. Connection numbers, maxConnections, counts with scope Gate and disconnect.count apply to each pod separately.',
      { min: 1, max: 4 },
    ).default(1),
  })
  .describe(
    "An existing Service to put the gate in front of, without changes to its clients or servers. Use it instead of upstream. Until the gate is deleted, the Service leads to the gate, and the gate to the Service's servers. Immutable. Only in a cluster.",
  );
