import { gateConfig } from '../../src/gate/config.ts';
import { cell, fieldsOf, plain, row, schemaOf } from './fields.ts';
import { patches } from './patch.ts';

/** What the gate does to connections besides the faults of their bytes. */
interface GateSection {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly string[];
  readonly cause: string;
  readonly client: string;
  readonly server: string;
  readonly set: object;
  readonly lift: object;
  readonly pitfalls: readonly string[];
}

const schema = schemaOf(gateConfig).properties ?? {};

function field(path: string): NonNullable<(typeof schema)[string]> {
  const found = path
    .split('.')
    .reduce<(typeof schema)[string] | undefined>((owner, name) => owner?.properties?.[name], {
      type: 'object',
      properties: schema,
    });
  if (found === undefined) throw new Error(`The configuration has no field ${path}`);
  return found;
}

function describe(path: string): string {
  return plain(field(path).description ?? '');
}

function single(path: string): string[] {
  const name = path.split('.').at(-1) ?? path;
  return [
    '| field | default | bounds | |',
    '|---|---|---|---|',
    row(name, { ...field(path), description: '' }, false),
  ];
}

/** Faults that have a scope. */
const SHARING = Object.entries(field('toServer').properties ?? {}).flatMap(
  ([name, { properties }]) =>
    properties?.scope === undefined ? [] : [[name, properties.scope] as const],
);

const SECTIONS: readonly GateSection[] = [
  {
    name: 'newConnections',
    description: describe('newConnections'),
    fields: single('newConnections'),
    cause:
      '`Hold`: a server whose accept queue is full or whose threads are all busy; the kernel completes the handshake, but no process accepts the connection. `Refuse`: a server that is not running. `Reset`: a server or load balancer over its connection limit, which accepts and then resets connections.',
    client:
      '`Hold`: connected, then silence; its writes succeed. `Refuse`: ECONNREFUSED. `Reset`: connected, then ECONNRESET. Connected clients notice nothing.',
    server: 'No new connections.',
    set: { newConnections: 'Refuse' },
    lift: { newConnections: null },
    pitfalls: [
      'Open connections are not affected, so a client with a pool notices nothing until it needs another connection. Close them with `disconnect` in the same patch.',
      'With `Refuse`, the gate itself refuses connections. If no host responds at all, a client sees a timeout instead of ECONNREFUSED. No value simulates that; `Hold` comes closest.',
      'A change to `Accept` serves the clients on hold, including what they have sent meanwhile; a change to `Reset` or `Refuse` resets them. `.status.connections` does not count them.',
    ],
  },
  {
    name: 'disconnect',
    description: describe('disconnect'),
    fields: fieldsOf(field('disconnect')),
    cause:
      'A server restarts or fails over, a load balancer is replaced, or an administrator kills sessions: open connections are lost, and new ones work immediately.',
    client:
      '`Fin`: the end of the stream. `Reset`: ECONNRESET immediately, even when idle. Held bytes are discarded.',
    server: 'The same.',
    set: { disconnect: { nonce: '1', how: 'Reset', count: 2 } },
    lift: { disconnect: null },
    pitfalls: [
      'A disconnect is an event, not a state: it runs once for each new nonce. A patch without a new nonce does nothing, and there is nothing to lift; `null` only removes the field.',
      'A merge patch keeps fields that an earlier one has set: `count: 2` stays until you set it to `null`.',
      'A client that reconnects is served immediately. To simulate a server that stays down, set `newConnections: Refuse` in the same patch: it takes effect before any connection is closed.',
    ],
  },
  {
    name: 'connectionsPercent',
    description: describe('toServer.connectionsPercent'),
    fields: single('toServer.connectionsPercent'),
    cause: 'One of several servers behind a load balancer, or one of several links, is faulty.',
    client: 'All faults of the direction on some connections, and none on the others.',
    server: 'The same.',
    set: { toClient: { delay: { milliseconds: 300 }, connectionsPercent: 25 } },
    lift: { toClient: { connectionsPercent: null } },
    pitfalls: [
      'The choice is made for each connection separately, so of four connections none or all may be affected. A seed gives the same choice each time: try seeds until you get the one you want.',
      'The two directions choose independently. If both have a share, a connection may be affected in one direction, in both or in none.',
      'A larger share includes all connections of a smaller one.',
      'Connections are numbered in the order in which the gate accepts them. Clients that connect at the same time may get another order next time.',
      '`newConnections` and `disconnect` ignore it.',
    ],
  },
  {
    name: 'scope',
    description: `A field of ${SHARING.map(([name]) => `\`${name}\``).join(' and of ')}: what the count or rate applies to. \`Connection\`: each connection separately. \`Gate\`: all affected connections of the gate together.`,
    fields: [
      '| fault | default | values | |',
      '|---|---|---|---|',
      ...SHARING.map(([name, scope]) => row(name, scope, false)),
    ],
    cause:
      '`Connection`: a limit per session. `Gate`: a link that all sessions share, or a server that dies after a certain amount of work.',
    client: 'With `Gate`, it also depends on the other connections.',
    server: 'The same.',
    set: { toClient: { bandwidth: { bytesPerSecond: 65_536, scope: 'Gate' } } },
    lift: { toClient: { bandwidth: { scope: null } } },
    pitfalls: [
      'The two directions do not share counts or rates.',
      'The methods of chaos.py share one count or rate among all connections: its `limit_bytes` and `limit_bps` correspond to `scope: Gate`.',
    ],
  },
  {
    name: 'seed',
    description: describe('seed'),
    fields: single('seed'),
    cause: 'None: it makes runs with random choices repeatable.',
    client:
      'The same as in the last run with this seed, if its connections and bytes are the same.',
    server: 'The same.',
    set: { seed: 42 },
    lift: { seed: null },
    pitfalls: [
      'The seed determines which bytes `corrupt` changes and how, the jitter of `delay` and `limitTime`, the lengths of `slice` with `varianceBytes`, and the choice of `connectionsPercent`. The choice depends on the number of the connection, which counts from 1 in the order in which the gate accepts clients, and starts over when its proxy starts.',
      'The jitter of `delay` is drawn for each run of bytes that the gate reads at once, by its position. If TCP splits the stream differently, the draws differ.',
      'A new seed counts as a change of the faults of both directions: choices on open connections are made again, and counts and clocks start over.',
    ],
  },
];

/** The page's sections on them. */
export function gateSections(): string[] {
  return SECTIONS.flatMap((section) => [
    `### ${section.name}`,
    '',
    section.description,
    '',
    `**In production:** ${section.cause}`,
    '',
    '| end | what it sees |',
    '|---|---|',
    `| client | ${cell(section.client)} |`,
    `| server | ${cell(section.server)} |`,
    '',
    ...patches(section.set, section.lift),
    '',
    ...section.fields,
    '',
    '**Pitfalls**',
    '',
    ...section.pitfalls.map((pitfall) => `- ${pitfall}`),
    '',
  ]);
}

export const gateSectionNames = SECTIONS.map(({ name }) => name);
