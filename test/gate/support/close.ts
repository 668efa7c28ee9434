import { DIRECTIONS } from './ends.ts';
import type { Peer } from './peer.ts';

export type How = 'Fin' | 'Reset';

/** Each direction, closed in each way. */
export const CLOSES = DIRECTIONS.flatMap((ends) =>
  (['Fin', 'Reset'] as const).map((how) => ({ ...ends, how })),
);

export function seesClose(peer: Peer, how: How): Promise<void> {
  return how === 'Fin' ? peer.seesFin() : peer.seesReset();
}

/** When the close came. */
export function closedAt({ finAt, errorAt }: Peer): number {
  return errorAt ?? finAt ?? Number.NaN;
}
