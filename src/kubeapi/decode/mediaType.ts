/** Types of objects that are taken. */
export const TYPES: readonly string[] = ['application/json', 'application/yaml'];

/** A content type without its parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
