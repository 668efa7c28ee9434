/** Requests to the API server at once: what keeps it busy. */
const WIDTH = 32;

/** Does the work for all items, several at once. Rejects with the first failure. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  const worker = async () => {
    // Shared by all workers: each takes the next one.
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}
