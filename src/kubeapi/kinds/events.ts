import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { type FieldError, invalidValue, required } from '../../schema/fieldError.ts';
import { qualifiedNameProblems } from '../metadata/names.ts';
import { eventColumns } from './eventColumns.ts';
import { coreEvent, newEvent, storedEvent } from './eventForms.ts';
import { coreEventSchema, newEventSchema } from './eventSchema.ts';
import { type Kind, VERBS } from './kind.ts';

const common = {
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  isNamespaced: true,
  verbs: VERBS,
  hasStatus: false,
  isBuiltIn: true,
  storedAs: 'events',
  toStored: storedEvent,
} as const;

/** Events as core/v1 has them: what kubectl reads. */
export const coreEvents: Kind = {
  ...common,
  group: '',
  schema: coreEventSchema,
  columns: eventColumns,
  fromStored: coreEvent,
  selectable: (event) => ({
    ...fieldsOf('involvedObject', objectIn(event, 'involvedObject')),
    reason: textIn(event, 'reason'),
    reportingComponent: textIn(event, 'reportingComponent'),
    source: textIn(objectIn(event, 'source'), 'component') || textIn(event, 'reportingComponent'),
    type: textIn(event, 'type'),
  }),
  validate: ({ eventTime, ...event }) => (eventTime ? newEventErrors(event) : []),
};

/** The same events as events.k8s.io/v1 has them: what controllers write. */
export const newEvents: Kind = {
  ...common,
  group: 'events.k8s.io',
  schema: newEventSchema,
  columns: eventColumns.map((column) => ({
    ...column,
    cell: (event, now) => column.cell(storedEvent(event), now),
  })),
  fromStored: newEvent,
  selectable: (event) => ({
    ...fieldsOf('regarding', objectIn(event, 'regarding')),
    reason: textIn(event, 'reason'),
    reportingController: textIn(event, 'reportingController'),
    type: textIn(event, 'type'),
  }),
  validate: (event) => {
    // An event that came the old way, seen the new way, has no time either.
    const isOld = textIn(event, 'deprecatedFirstTimestamp') !== '';
    const core = storedEvent(event);
    const missing = isOld || textIn(event, 'eventTime') !== '' ? [] : [required('eventTime')];
    return isOld ? [] : [...missing, ...newEventErrors(core)];
  },
};

function fieldsOf(name: string, reference: JsonObject): Record<string, string> {
  const fields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
  return Object.fromEntries(fields.map((field) => [`${name}.${field}`, textIn(reference, field)]));
}

const MAX_NOTE = 1_024;

/** k8s.io/kubernetes, ValidateEventCreate: what an event has to say since events.k8s.io/v1. */
function newEventErrors(core: JsonObject): FieldError[] {
  const controller = textIn(core, 'reportingComponent');
  const type = textIn(core, 'type');
  const missing = (field: string, name = field) =>
    textIn(core, field) === '' ? [required(name)] : [];
  return [
    ...missing('reportingComponent', 'reportingController'),
    ...qualifiedNameProblems(controller).map((problem) =>
      invalidValue('reportingController', controller, problem),
    ),
    ...missing('reportingInstance'),
    ...missing('action'),
    ...missing('reason'),
    ...(textIn(core, 'message').length > MAX_NOTE
      ? [invalidValue('message', '', `can have at most ${MAX_NOTE} characters`)]
      : []),
    ...(type === 'Normal' || type === 'Warning'
      ? []
      : [invalidValue('type', '', `has invalid value: ${type}`)]),
  ];
}
