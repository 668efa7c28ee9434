import { type Json, sortKeys } from '../json/json.ts';

/** JSON as Go's encoding/json has it: keys in order, and what means something to HTML escaped. */
export function goJson(value: Json, indent = 0): string {
  return JSON.stringify(sortKeys(value), undefined, indent).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
