import type { Fault } from '../../src/gate/faults/fault.ts';
import { faults } from '../../src/gate/faults/registry.ts';
import { COURSE } from '../pictures/record.ts';
import { cell, fieldsOf, plain, schemaOf } from './fields.ts';
import { gateSectionNames, gateSections } from './gate.ts';
import { pairsTable } from './pairs.ts';
import { patches } from './patch.ts';

const ALL = Object.entries(faults as Record<string, Fault>);

/** docs/faults.md: what the registry knows of every fault. */
export function faultsPage(): string {
  return `${[
    '<!-- Generated from src/gate by `npm run generate`. -->',
    '# Faults',
    '',
    ...introduction(),
    ...ALL.flatMap(([name, fault]) => faultSection(name, fault)),
    ...stacking(),
    '## Beside the faults',
    '',
    'Fields of a gate that do something to connections, or decide about faults, and are no fault of a direction.',
    '',
    ...gateSections(),
  ].join('\n')}`;
}

function introduction(): string[] {
  return [
    'A fault is one way to break one direction of the connections through a [TcpGate](tcpgate.md). `toServer` holds the faults of the bytes from the client to the server, `toClient` those of the bytes from the server to the client. So each fault can be had in each direction; **sender** is the end whose bytes these are, **receiver** the other one:',
    '',
    '| direction | sender | receiver |',
    '|---|---|---|',
    '| `toServer` | client | server |',
    '| `toClient` | server | client |',
    '',
    'A merge patch sets a fault, `null` lifts it, and both reach open connections. What the gate holds when the faults change goes on under the new ones ([rules of change](tcpgate.md#rules-of-change)).',
    '',
    '| fault | what it stands for |',
    '|---|---|',
    ...ALL.map(([name, { docs }]) => `| [\`${name}\`](#${anchor(name)}) | ${cell(docs.cause)} |`),
    '',
    `Beside them: ${gateSectionNames.map((name) => `[\`${name}\`](#${anchor(name)})`).join(', ')}. Several at once: [Stacking](#stacking).`,
    '',
    `**The pictures** are drawn from real runs. The sender sends ${COURSE.messageBytes} bytes every 100 ms, pauses once for half a second, and sends FIN in the end. The fault is set after ${COURSE.set} ms and lifted after ${COURSE.lifted} ms: the grey part. Blue is how much has been sent so far, orange how much has been received. A tick on the upper line is a write of the sender, one on the lower line a read of the receiver; a dot is a FIN that came, a cross an RST.`,
    '',
  ];
}

function faultSection(name: string, fault: Fault): string[] {
  const { schema, docs, describe } = fault;
  const { direction, settings } = docs.example;
  const { description = '', ...rest } = schemaOf(schema);
  const text = `${direction} ${describe(schema.parse(settings))}`;
  return [
    `## ${name}`,
    '',
    plain(description),
    '',
    `![Bytes sent and received over time with ${plain(text)}](faults/${name}.svg)`,
    '',
    `**In production:** ${docs.cause}`,
    '',
    '| end | what it sees |',
    '|---|---|',
    `| sender: the client with \`toServer\`, the server with \`toClient\` | ${cell(docs.sender)} |`,
    `| receiver: the server with \`toServer\`, the client with \`toClient\` | ${cell(docs.receiver)} |`,
    '',
    ...patches({ [direction]: { [name]: settings } }, { [direction]: { [name]: null } }),
    '',
    `\`kubectl get tg\` says \`${text}\`.`,
    '',
    ...fieldsOf(rest),
    '',
    '**Pitfalls**',
    '',
    ...docs.pitfalls.map((pitfall) => `- ${pitfall}`),
    '',
  ];
}

function stacking(): string[] {
  return [
    '## Stacking',
    '',
    `Bytes pass the faults of a direction in this order, whatever the order in which they were set: ${ALL.map(([name]) => `\`${name}\``).join(', ')}.`,
    '',
    'What comes of every two of them; a test proves each row on "hello " and, 50 ms later, "world". Where a fault that closes and one that holds bytes stand together, the table says whether the held bytes still arrive.',
    '',
    ...pairsTable(),
    '',
    'The two directions know nothing of each other, except that closing a connection closes both.',
    '',
  ];
}

/** As GitHub makes it from a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase();
}
