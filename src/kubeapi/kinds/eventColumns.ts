import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { ageText } from '../../schema/age.ts';
import type { Column } from '../../schema/column.ts';

type Cell = Column['cell'];

/** When it happened first and last: there are three generations of fields for that. */
function times(event: JsonObject): { first: string; last: string } {
  const first = textIn(event, 'firstTimestamp') || textIn(event, 'eventTime');
  const last = textIn(objectIn(event, 'series'), 'lastObservedTime');
  return { first, last: last || textIn(event, 'lastTimestamp') || first };
}

function objectText(event: JsonObject): string {
  const object = objectIn(event, 'involvedObject');
  const [kind, name] = [textIn(object, 'kind').toLowerCase(), textIn(object, 'name')];
  return name === '' ? kind : `${kind}/${name}`;
}

function sourceText(event: JsonObject): string {
  const source = objectIn(event, 'source');
  const parts = [
    textIn(source, 'component') || textIn(event, 'reportingComponent'),
    textIn(source, 'host') || textIn(event, 'reportingInstance'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function column(
  name: string,
  description: string,
  cell: Cell,
  { wide = false, type = 'string', format = '' } = {},
): Column {
  return { name, type, description, priority: wide ? 1 : 0, cell, format };
}

const wide = true;

/** What `kubectl get events` shows; the cells read an event as core/v1 has it. */
export const eventColumns: readonly Column[] = [
  column('Last Seen', 'When it last happened.', (event, now) => ageText(times(event).last, now)),
  column('Type', 'Normal or Warning.', (event) => textIn(event, 'type')),
  column('Reason', 'Why, in one word.', (event) => textIn(event, 'reason')),
  column('Object', 'What it happened to.', objectText),
  column(
    'Subobject',
    'The part of it.',
    (event) => textIn(objectIn(event, 'involvedObject'), 'fieldPath'),
    { wide },
  ),
  column('Source', 'Component that reports the event.', sourceText, { wide }),
  column('Message', 'What happened.', (event) => textIn(event, 'message').trim()),
  column(
    'First Seen',
    'When it happened first.',
    (event, now) => ageText(times(event).first, now),
    { wide },
  ),
  column(
    'Count',
    'How often it happened.',
    (event) => Number(objectIn(event, 'series').count ?? event.count ?? 1),
    { wide },
  ),
  column('Name', 'Name of the event.', (event) => textIn(objectIn(event, 'metadata'), 'name'), {
    wide,
    format: 'name',
  }),
];
