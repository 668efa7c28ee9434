import { z } from 'zod';
import { integer } from '../gate/schema.ts';

/** Most ports of a Service in front of which a gate is put, and most that `ports` names. */
export const MAX_PORTS = 100;

/** Longest `drainSeconds`. */
const MAX_DRAIN_SECONDS = 600;

/** Names of Services and of their ports: DNS labels (RFC 1123). A port's number has the same form. */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label = z.string().min(1).max(63).regex(LABEL);

/** The Service that clients use already, and how the gate stands in front of it. */
export const frontedService = z
  .object({
    name: label.describe('Name of a Service in the namespace of the gate.'),
    ports: z
      .array(label)
      .min(1)
      .max(MAX_PORTS)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe(
        "Ports of the Service that faults touch, each by its name or by its number as text, such as '5432'. Default: all. The other ports pass everything.",
      )
      .optional(),
    drainSeconds: integer(
      'Longest time that connections through the gate may go on after the Service leads to its servers again, in seconds; then they are closed (FIN).',
      { min: 0, max: MAX_DRAIN_SECONDS },
    ).default(30),
    replicas: integer(
      'Number of pods of the gate, spread over nodes. Each has its own connection numbers, maxConnections, counts of scope Gate and disconnect.count.',
      { min: 1, max: 4 },
    ).default(1),
  })
  .describe(
    "The Service that the gate is put in front of, without a change to its clients or its servers; in place of upstream. It leads to the gate, and the gate to the Service's servers, until the gate is deleted. Immutable. In a cluster only.",
  );
