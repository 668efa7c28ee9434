import { z } from 'zod';
import { type FaultName, faults } from './faults/registry.ts';
import { host } from './host.ts';
import { how, integer } from './schema.ts';

const upstream = z
  .object({
    host,
    port: integer('TCP port of the server.', { min: 1, max: 65_535 }),
    connectTimeoutMilliseconds: integer(
      'Time limit for name resolution and connecting together, in milliseconds. When it expires, the client is reset.',
      { min: 1, max: 600_000 },
    ).default(5_000),
  })
  .describe('The server behind the gate.');

type FaultFields = { [N in FaultName]: z.ZodOptional<(typeof faults)[N]['schema']> };

const faultFields = Object.fromEntries(
  Object.entries(faults).map(([name, fault]) => [name, fault.schema.optional()]),
) as FaultFields;

const ORDER = Object.keys(faults).join(', ');

function direction(description: string) {
  return z
    .object({
      ...faultFields,
      connectionsPercent: integer(
        "Percentage of connections that this direction's faults affect. Decided once per connection, from the seed and the connection's number, so it does not change when the faults change.",
        { min: 0, max: 100 },
      ).default(100),
    })
    .describe(
      `${description} Set a fault with its field, and lift it with null. Bytes pass through the faults in this fixed order: ${ORDER}.`,
    );
}

const disconnect = z
  .object({
    nonce: z
      .string()
      .min(1)
      .max(63)
      .describe('Any text. Connections are closed once, each time this value changes.'),
    how: how
      .default('Fin')
      .describe('How both ends see the close: Fin (orderly) or Reset (an error, RST).'),
    count: integer('Number of connections to close, oldest first. Default: all of them.', {
      min: 1,
      max: 1_000_000,
    }).optional(),
  })
  .describe('Closes open connections, once for each new nonce.');

/**
 * Lower than the number of connections from one address to another (28,232 ports by default,
 * net.ipv4.ip_local_port_range), so that a loop reaches this limit before the machine runs out of ports.
 */
const MAX_CONNECTIONS = 10_000;

/** What one gate does. Defaults are filled in by parsing. */
export const gateConfig = z.object({
  upstream,
  newConnections: z
    .enum(['Accept', 'Hold', 'Refuse', 'Reset'])
    .default('Accept')
    .describe(
      'What happens to new connections. Accept: they are served. Hold: the TCP handshake completes, then they wait; after a change to Accept they are served, with the bytes that they sent meanwhile; at most 1024 wait at a time, and more are reset. Refuse: connection refused. Reset: accepted, then reset (RST). Open connections are not affected.',
    ),
  maxConnections: integer(
    'Maximum number of clients at a time: connected, on hold or closing. Further clients are reset. Lowering it closes no connection.',
    { min: 1, max: 100_000 },
  ).default(MAX_CONNECTIONS),
  toServer: direction('Faults for the bytes from the client to the server.').prefault({}),
  toClient: direction('Faults for the bytes from the server to the client.').prefault({}),
  disconnect: disconnect.optional(),
  seed: integer(
    'Seed for every random choice of this gate. The same seed gives the same choices.',
    {
      min: 0,
      max: 2_147_483_647,
    },
  ).default(0),
});

export type GateConfig = z.infer<typeof gateConfig>;
export type DirectionConfig = GateConfig['toServer'];
