import { type JsonObject, objectIn, saysNothing, withField } from '../../json/json.ts';

/** What events.k8s.io/v1 calls the fields of a core/v1 Event. */
const NAMES: readonly (readonly [core: string, event: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

/** Events are stored as core/v1 has them, without what says nothing. */
export function storedEvent(event: JsonObject): JsonObject {
  const isCore = event.apiVersion === 'v1';
  const core = isCore ? event : renamed(event, (name) => nameIn(name, 1, 0));
  const said = Object.entries(core).filter(([, value]) => !saysNothing(value));
  return { ...Object.fromEntries(said), apiVersion: 'v1' };
}

/** An event as core/v1 shows it: some fields are there even when they say nothing. */
export function coreEvent(stored: JsonObject): JsonObject {
  return {
    reportingComponent: '',
    reportingInstance: '',
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    ...stored,
    involvedObject: objectIn(stored, 'involvedObject'),
  };
}

/** The same event as events.k8s.io/v1 shows it. */
export function newEvent(stored: JsonObject): JsonObject {
  const event = renamed(stored, (name) => nameIn(name, 0, 1));
  return {
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
    eventTime: null,
    ...withField(event, 'apiVersion', 'events.k8s.io/v1'),
  };
}

function nameIn(name: string, from: 0 | 1, to: 0 | 1): string {
  return NAMES.find((pair) => pair[from] === name)?.[to] ?? name;
}

function renamed(object: JsonObject, rename: (name: string) => string): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), value]));
}
