/** One step of a JSON patch (RFC 6902). `add` replaces what is there. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}
