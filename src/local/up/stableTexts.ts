import { isDeepStrictEqual } from 'node:util';

/**
 * What two reads in a row agree on: one alone may be in the middle of a save, where a file is cut short, or empty.
 * Resolves with undefined when it is stopped before.
 */
export async function stableTexts<T>(
  read: () => Promise<T>,
  pause: () => Promise<void>,
  stop: { readonly aborted: boolean },
): Promise<T | undefined> {
  let before = await read();
  for (;;) {
    await pause();
    // A pause that was cut short proves nothing.
    if (stop.aborted) return undefined;
    const now = await read();
    if (isDeepStrictEqual(now, before)) return now;
    before = now;
  }
}
