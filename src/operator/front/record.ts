/** What outlives the operator of where a gate was, in an annotation of the gate. */
export type FrontRecord =
  /** It is in front of the Service of that uid. */
  | { readonly at: 'InFront'; readonly service: string }
  /** Somebody has taken it from its Service; it stays away for as long as `faultsNonce` is that. */
  | { readonly at: 'Out'; readonly nonce: string };

export function recordText(record: FrontRecord): string {
  return record.at === 'InFront' ? `InFront/${record.service}` : `Out/${record.nonce}`;
}

/** undefined for what no operator has written. */
export function parseRecord(text: string | undefined): FrontRecord | undefined {
  const [, at, value = ''] = /^(InFront|Out)\/(.*)$/su.exec(text ?? '') ?? [];
  if (at === undefined) return undefined;
  return at === 'InFront' ? { at, service: value } : { at: 'Out', nonce: value };
}
