import { z } from 'zod';

/** Ports that one gate may listen on: more than any Service that is in use has. */
export const MAX_PORTS = 100;

const port = z.int().min(1).max(65_535);

const portConfig = z.object({
  /** TCP port that clients connect to. */
  listen: port,
  /** TCP port of the upstream's host that they are taken to. */
  upstream: port,
  /** false: what comes in here passes, whatever the faults of the gate are. */
  faults: z.boolean(),
});

/** One port of a gate that listens on several. */
export type PortConfig = z.infer<typeof portConfig>;

/** The ports of a gate, each listened on once. */
export const portConfigs = z
  .array(portConfig)
  .min(1)
  .max(MAX_PORTS)
  .superRefine((ports, { addIssue }) => {
    const seen = new Set<number>();
    for (const [index, { listen }] of ports.entries()) {
      if (seen.has(listen)) {
        addIssue({
          code: 'custom',
          path: [index, 'listen'],
          message: `Port ${listen} is listened on already: give each entry a port of its own`,
        });
      }
      seen.add(listen);
    }
  });
