/**
 * A MicroTime of the Kubernetes API (metav1.MicroTime): RFC 3339 with exactly six digits of a second. The API server
 * answers 400 to the three digits that JavaScript writes.
 */
export function formatMicroTime(millisecondsSinceEpoch: number): string {
  return new Date(millisecondsSinceEpoch).toISOString().replace('Z', '000Z');
}
