/** An error of which the text is all that there is to say. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
