import { randomInt, randomUUID } from 'node:crypto';

/** What is different each time: a test brings its own. */
export interface Environment {
  /** Milliseconds since the epoch. */
  now(): number;
  uid(): string;
  /** Five characters for the end of a generated name. */
  suffix(): string;
}

/** No vowels and none that look alike, so that no word comes out (k8s.io/apimachinery, util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  uid: () => randomUUID(),
  suffix: () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
};

/** A metav1.Time: RFC 3339 in whole seconds. */
export function timestamp(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
