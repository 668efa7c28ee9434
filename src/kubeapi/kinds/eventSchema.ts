import { objectMeta } from '../../schema/objectMeta.ts';
import { MICRO_TIME, type Schema } from '../../schema/schema.ts';

const text = (description: string): Schema => ({ type: 'string', description });
const time = (description: string): Schema => ({
  type: 'string',
  format: 'date-time',
  description,
});
/** Its six digits of a second are read as they are written, or not at all (metav1.MicroTime). */
const microTime = (description: string): Schema => ({ ...time(description), format: MICRO_TIME });
const count = (description: string): Schema => ({ type: 'integer', format: 'int32', description });

const reference = (description: string): Schema => ({
  type: 'object',
  description,
  'x-kubernetes-map-type': 'atomic',
  properties: Object.fromEntries(
    ['apiVersion', 'fieldPath', 'kind', 'name', 'namespace', 'resourceVersion', 'uid'].map(
      (name) => [name, text(`${name} of the object.`)],
    ),
  ),
});

const source: Schema = {
  type: 'object',
  description: 'Component that reports the event.',
  properties: { component: text('Program that reports the event.'), host: text('Where it runs.') },
};

const common: Record<string, Schema> = {
  apiVersion: text('Version of the schema of this object.'),
  kind: text('Kind of this object: Event.'),
  metadata: objectMeta,
  action: text('What was done or failed.'),
  eventTime: microTime('When it happened first.'),
  reason: text('Why, in one word for programs.'),
  related: reference('Another object that has to do with it.'),
  reportingInstance: text('Instance of the program that reports the event.'),
  series: {
    type: 'object',
    description: 'That it happened again and again.',
    properties: {
      count: count('How often.'),
      lastObservedTime: microTime('When it last happened.'),
    },
  },
  type: text('Normal or Warning.'),
};

function schema(properties: Record<string, Schema>): Schema {
  return {
    type: 'object',
    description: 'Something that happened to an object.',
    properties: { ...common, ...properties },
  };
}

export const coreEventSchema = schema({
  count: count('How often it happened.'),
  firstTimestamp: time('When it happened first.'),
  involvedObject: reference('What it happened to.'),
  lastTimestamp: time('When it last happened.'),
  message: text('What happened, for people.'),
  reportingComponent: text('Program that reports the event.'),
  source,
});

export const newEventSchema = schema({
  deprecatedCount: count('How often it happened.'),
  deprecatedFirstTimestamp: time('When it happened first.'),
  deprecatedLastTimestamp: time('When it last happened.'),
  deprecatedSource: source,
  note: text('What happened, for people.'),
  regarding: reference('What it happened to.'),
  reportingController: text('Program that reports the event.'),
});
