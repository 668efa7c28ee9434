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
      '`Hold`: a server whose accept queue is full or whose threads are all busy: the kernel completes the handshake, and nobody looks at the connection. `Refuse`: a server that is not running. `Reset`: a server or a load balancer over its limit of connections, which accepts and throws away.',
    client:
      '`Hold`: connected, then silence; what it writes is taken. `Refuse`: ECONNREFUSED. `Reset`: connected, then ECONNRESET. Clients that are connected already notice nothing.',
    server: 'No new connection.',
    set: { newConnections: 'Refuse' },
    lift: { newConnections: null },
    pitfalls: [
      'Open connections are left alone, so a client with a pool notices nothing until it needs one more. Close them with `disconnect` in the same patch.',
      'Refusing is the work of the gate, which runs: where no host answers at all, a client sees a timeout instead of ECONNREFUSED. No value gives that; the nearest is `Hold`.',
      'Clients on hold are served by `Accept`, with what they have sent meanwhile, and reset by `Reset` and `Refuse`. They are not counted in `.status.connections`.',
    ],
  },
  {
    name: 'disconnect',
    description: describe('disconnect'),
    fields: fieldsOf(field('disconnect')),
    cause:
      'A server that restarts or fails over, a load balancer that is replaced, an operator who kills sessions: what was open is gone, and a new connection works at once.',
    client:
      '`Fin`: the end of the stream. `Reset`: ECONNRESET at once, also when it is idle. What the gate held for it is discarded.',
    server: 'The same.',
    set: { disconnect: { nonce: '1', how: 'Reset', count: 2 } },
    lift: { disconnect: null },
    pitfalls: [
      'It is an event and no state: it runs once for each new nonce. A patch without a new one does nothing, and there is nothing to lift; `null` only takes the field away.',
      'A merge patch keeps what an earlier one has set: `count: 2` stays until it is set to `null`.',
      'A client that connects anew is served at once. For a server that stays away, set `newConnections: Refuse` in the same patch: it is in force before anything is closed.',
    ],
  },
  {
    name: 'connectionsPercent',
    description: describe('toServer.connectionsPercent'),
    fields: single('toServer.connectionsPercent'),
    cause: 'One of several servers behind a load balancer is ill, or one of several links.',
    client: 'On some connections all faults of the direction, on the others none of them.',
    server: 'The same.',
    set: { toClient: { delay: { milliseconds: 300 }, connectionsPercent: 25 } },
    lift: { toClient: { connectionsPercent: null } },
    pitfalls: [
      'The choice is made connection by connection, so that of four connections none may be touched, or all. With a seed you get the same ones each time: try seeds until the choice is the one you want.',
      'The two directions choose apart. Where both have a share, a connection may be touched in one, in both or in none.',
      'A larger share touches all connections that a smaller one did, and more.',
      'Connections are numbered as the gate takes them on. Clients that connect at the same time may come in another order the next time.',
      '`newConnections` and `disconnect` do not look at it.',
    ],
  },
  {
    name: 'scope',
    description: `A field of ${SHARING.map(([name]) => `\`${name}\``).join(' and of ')}: whose count or rate it is. \`Connection\`: each connection has its own. \`Gate\`: all connections of the gate that the faults of the direction touch share one.`,
    fields: [
      '| fault | default | values | |',
      '|---|---|---|---|',
      ...SHARING.map(([name, scope]) => row(name, scope, false)),
    ],
    cause:
      '`Connection`: a limit for each session. `Gate`: a link that all sessions share, or a server that dies after so much work.',
    client: 'With `Gate`, what other connections do, too.',
    server: 'The same.',
    set: { toClient: { bandwidth: { bytesPerSecond: 65_536, scope: 'Gate' } } },
    lift: { toClient: { bandwidth: { scope: null } } },
    pitfalls: [
      'The two directions share nothing with each other.',
      'The methods of chaos.py share one count or one rate among all connections: its `limit_bytes` and `limit_bps` are `scope: Gate` here.',
    ],
  },
  {
    name: 'seed',
    description: describe('seed'),
    fields: single('seed'),
    cause: 'None: it makes a run with anything random in it repeatable.',
    client:
      'The same as in the last run with this seed, if its connections and bytes are the same.',
    server: 'The same.',
    set: { seed: 42 },
    lift: { seed: null },
    pitfalls: [
      'It decides which bytes `corrupt` changes and how, the jitter of `delay` and `limitTime`, the lengths of `slice` with `varianceBytes`, and the choice of `connectionsPercent`. It depends on the connection by its number, which counts from 1 in the order in which the gate takes clients on, and anew when its proxy starts.',
      'The jitter of `delay` is drawn for each run of bytes that the gate reads at once, by its position: where TCP cuts the stream in another way, other runs are drawn for.',
      'A new seed counts as a change of the faults of both directions: it chooses anew on open connections, and counts and clocks start over.',
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
