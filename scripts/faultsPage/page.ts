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
    '## Other fields',
    '',
    'Fields of a gate that act on connections or modify faults, but are not faults of a direction.',
    '',
    ...gateSections(),
  ].join('\n')}`;
}

function introduction(): string[] {
  return [
    'A fault breaks one direction of the connections through a [TcpGate](tcpgate.md) in one way. `toServer` holds the faults for bytes from the client to the server, and `toClient` those for bytes from the server to the client. Every fault works in both directions. On this page, the **sender** is the end that sends the affected bytes, and the **receiver** is the other end:',
    '',
    '| direction | sender | receiver |',
    '|---|---|---|',
    '| `toServer` | client | server |',
    '| `toClient` | server | client |',
    '',
    'Set a fault with a merge patch, and lift it with `null`. Both apply to open connections. Bytes that the gate holds when the faults change pass through the new ones ([how changes apply](tcpgate.md#how-changes-apply)).',
    '',
    '| fault | what it simulates |',
    '|---|---|',
    ...ALL.map(([name, { docs }]) => `| [\`${name}\`](#${anchor(name)}) | ${cell(docs.cause)} |`),
    '',
    `Other fields: ${gateSectionNames.map((name) => `[\`${name}\`](#${anchor(name)})`).join(', ')}. For several faults at once, see [Combining faults](#combining-faults).`,
    '',
    `**The pictures** show real runs. The sender sends ${COURSE.messageBytes} bytes every 100 ms, pauses once for half a second, and ends with a FIN. The fault is set after ${COURSE.set} ms and lifted after ${COURSE.lifted} ms (grey area). Blue shows the bytes sent so far, and orange the bytes received. Ticks on the upper line are writes of the sender, and ticks on the lower line are reads of the receiver. A dot marks a received FIN, a cross an RST.`,
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
    `\`kubectl get tg\` shows \`${text}\`.`,
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
    '## Combining faults',
    '',
    `Bytes pass through the faults of a direction in this fixed order: ${ALL.map(([name]) => `\`${name}\``).join(', ')}.`,
    '',
    'The table shows the effect of every combination of two faults. A test verifies each row by sending "hello " and, 50 ms later, "world". For combinations of a fault that closes with one that holds bytes, the table says whether held bytes still arrive.',
    '',
    ...pairsTable(),
    '',
    'The two directions are independent, except that closing a connection closes both.',
    '',
  ];
}

/** As GitHub makes it from a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase();
}
