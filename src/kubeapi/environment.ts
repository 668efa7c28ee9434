import { randomInt, randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../time/clock.ts';

/** What is different each time: a test brings its own. */
export interface Environment extends Pick<Clock, 'wall'> {
  uid(): string;
  /** Five characters for the end of a generated name. */
  suffix(): string;
}

/** No vowels and none that look alike, so that no word comes out (k8s.io/apimachinery, util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export const systemEnvironment: Environment = {
  wall: systemClock.wall,
  uid: () => randomUUID(),
  suffix: () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
};

/** A metav1.Time: RFC 3339 in whole seconds. */
export function timestamp(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
