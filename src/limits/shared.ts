/**
 * One result for everybody who asks within a while: computed by the first who asks, and kept for so long after it is
 * there. A failure is told to those who wait for it and not kept.
 *
 * @param keepMilliseconds from the moment the result is there
 * @param now monotonic milliseconds
 */
export function shared<T>(
  compute: () => Promise<T>,
  keepMilliseconds: number,
  now: () => number,
): () => Promise<T> {
  let current: Promise<T> | undefined;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (current !== undefined && now() < until) return current;
    until = Number.POSITIVE_INFINITY;
    current = compute().then(
      (result) => {
        until = now() + keepMilliseconds;
        return result;
      },
      (error: unknown) => {
        current = undefined;
        throw error;
      },
    );
    return current;
  };
}
