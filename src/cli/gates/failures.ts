/** Several things that went wrong, while others were done. */
export class Failures extends Error {
  override readonly name = 'Failures';
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super(`${errors.length} of them failed`);
    this.errors = errors;
  }
}

/** Calls it for each item in turn, even if others fail. Rejects at the end with all failures. */
export async function forEach<T>(
  all: readonly T[],
  work: (one: T) => Promise<void> | void,
): Promise<void> {
  const errors: unknown[] = [];
  for (const one of all) {
    try {
      await work(one);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new Failures(errors);
}
