import { formatMicroTime } from './microTime.ts';
import type { KubeObject, ObjectMeta } from './objects.ts';
import type { Resource } from './resource.ts';

/** The object that an Event is about. */
export interface Regarding extends Pick<ObjectMeta, 'name' | 'namespace' | 'uid'> {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines; cut to 128 bytes. */
  readonly reason: string;
  /** For people; cut to 1024 bytes. */
  readonly note: string;
  /** What was done about `regarding` or failed; cut to 128 bytes. */
  readonly action: string;
}

/** An events.k8s.io/v1 Event, without the fields that only old clients use. */
export interface Event extends KubeObject {
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly regarding: Regarding;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly action: string;
  /** Present from the second time on. */
  readonly series?: EventSeries;
}

interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

export const EVENTS: Resource<Event> = { group: 'events.k8s.io', version: 'v1', plural: 'events' };

/** Bytes, by the validation of the API server. */
const NOTE_LIMIT = 1024;
const FIELD_LIMIT = 128;

/** Longest part of the name of an Event that is taken from its object; 253 characters is the limit for the whole. */
const NAME_LIMIT = 200;

export interface Reporter {
  readonly controller: string;
  readonly instance: string;
}

/** @param id makes the name unique; lower-case letters and digits */
export function eventOf(
  regarding: Regarding,
  { type, reason, note, action }: Occurrence,
  { controller, instance }: Reporter,
  id: string,
  now: number,
): Event {
  const { apiVersion, kind, name, namespace, uid } = regarding;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // Events about what has no namespace are kept in this one.
    metadata: { name: `${name.slice(0, NAME_LIMIT)}.${id}`, namespace: namespace ?? 'default' },
    eventTime: formatMicroTime(now),
    reportingController: controller,
    reportingInstance: cut(instance, FIELD_LIMIT),
    regarding: {
      apiVersion,
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    type,
    reason: cut(reason, FIELD_LIMIT),
    note: cut(note, NOTE_LIMIT),
    action: cut(action, FIELD_LIMIT),
  };
}

/** Truncates to this many bytes of UTF-8, never inside a character. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  // 10xxxxxx is a byte inside of a character.
  while (((encoded[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return encoded.subarray(0, end).toString();
}
