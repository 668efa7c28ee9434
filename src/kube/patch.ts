/** One step of a JSON patch (RFC 6902). `add` replaces what is there. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

/** Makes `status` all of the status of the object with that uid. Refused (422) when another one has its name. */
export function statusPatch(uid: string | undefined, status: object): PatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value: status },
  ];
}
