/** An error whose text is the complete output. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
