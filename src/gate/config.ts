import { z } from 'zod';
import { type FaultName, faults } from './faults/registry.ts';
import { host } from './host.ts';
import { how, integer } from './schema.ts';

const upstream = z
  .object({
    host,
    port: integer('TCP port of the server.', { min: 1, max: 65_535 }),
    connectTimeoutMilliseconds: integer(
      'Longest time that name resolution and connecting may take together, in milliseconds; then the client is reset.',
      { min: 1, max: 600_000 },
    ).default(5_000),
  })
  .describe('The server that the gate stands in front of.');

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
        "Share of the connections that this direction's faults touch, in percent. Chosen once per connection from the seed and the connection's number, so that it survives every change.",
        { min: 0, max: 100 },
      ).default(100),
    })
    .describe(
      `${description} Each is set by its field and lifted by null; bytes pass them in this order, whatever the order here: ${ORDER}.`,
    );
}

const disconnect = z
  .object({
    nonce: z
      .string()
      .min(1)
      .max(63)
      .describe('Any text. Connections are closed once each time it changes.'),
    how: how
      .default('Fin')
      .describe('How both ends see the close: Fin (in order) or Reset (an error, RST).'),
    count: integer('How many connections to close, the oldest first. All of them if not set.', {
      min: 1,
      max: 1_000_000,
    }).optional(),
  })
  .describe('Closes open connections, once per new nonce.');

/**
 * Fewer than one address can be connected to from another (28,232 ports by default, net.ipv4.ip_local_port_range): in a
 * loop the gate notices before the machine has no port left.
 */
const MAX_CONNECTIONS = 10_000;

/** What one gate does. Defaults are filled in by parsing. */
export const gateConfig = z.object({
  upstream,
  newConnections: z
    .enum(['Accept', 'Hold', 'Refuse', 'Reset'])
    .default('Accept')
    .describe(
      'What new connections meet. Accept: they are served. Hold: the handshake completes and nothing more; on Accept they are served, early bytes intact; of more than 1024 at once, the rest is reset. Refuse: connection refused. Reset: accepted, then reset (RST). Open connections are left alone.',
    ),
  maxConnections: integer(
    'How many clients the gate has at once: connected, on hold or closing. More are reset. A change drops none that is there.',
    { min: 1, max: 100_000 },
  ).default(MAX_CONNECTIONS),
  toServer: direction('Faults of the bytes from the client to the server.').prefault({}),
  toClient: direction('Faults of the bytes from the server to the client.').prefault({}),
  disconnect: disconnect.optional(),
  seed: integer('Seed of everything random in this gate: the same seed gives the same choices.', {
    min: 0,
    max: 2_147_483_647,
  }).default(0),
});

export type GateConfig = z.infer<typeof gateConfig>;
export type DirectionConfig = GateConfig['toServer'];
