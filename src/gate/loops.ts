import type { Socket } from 'node:net';
import type { GateConfig } from './config.ts';
import { DialError } from './dial.ts';
import { Passages } from './passages.ts';

/** Where a gate sends its clients. */
export interface Way {
  /** A client that was sent this way has come back. */
  cameBack(passage: Passage, error: DialError): void;
}

/** A client's way through a gate. */
export interface Passage {
  readonly way: Way;
  readonly address: GateConfig['upstream'];
  /** Its way through the gate of this process that it comes from. */
  readonly from: Passage | undefined;
  /** It has come back. */
  isLoop: boolean;
}

/** Other gates of a loop that a message names: with the longest names it has 1,024 characters at most. */
const NAMED = 2;

/** The connections to upstreams of all gates of this process: a loop may lead over any of them. */
const passages = new Passages<Passage>();

/** A client is about to be sent that way. */
export function passageOf(client: Socket, way: Way, address: Passage['address']): Passage {
  return { way, address, from: passages.of(client), isLoop: false };
}

/** Call it in the turn in which the socket begins to connect to that address for the client. */
export function follow(passage: Passage, socket: Socket, to: string): void {
  passages.add(socket, to, passage.address.port, passage);
}

/**
 * Throws when the client has come back to this gate, and tells the other gates on its way round. A chain of gates may
 * be of any length: a loop is only where one gate would connect to one address twice for the same client.
 */
export function breakLoop(passage: Passage): void {
  const [own, ...others] = loopOf(passage);
  if (own === undefined) return;
  own.isLoop = true;
  for (const other of others) {
    other.isLoop = true;
    other.way.cameBack(other, loopError(other, [own, ...others]));
  }
  throw loopError(own, [own, ...others]);
}

/** The passages from the one that this one repeats, without this one; none when it repeats none. */
function loopOf({ way, address, from }: Passage): Passage[] {
  const passed: Passage[] = [];
  for (let each = from; each !== undefined; each = each.from) {
    passed.unshift(each);
    if (each.way === way && each.address === address) return passed;
  }
  return [];
}

function loopError(passage: Passage, loop: readonly Passage[]): DialError {
  const others = loop.filter((each) => each !== passage).map(placeOf);
  const through = others.slice(0, NAMED).join(', ') + (others.length > NAMED ? ', ...' : '');
  const via = others.length === 0 ? '' : `, through ${through}`;
  return new DialError(
    'LoopDetected',
    `${placeOf(passage)} leads back to this gate${via}: clients would go round forever, and are reset. ` +
      'Set the upstream of this gate, or of one in between, to the server itself',
  );
}

function placeOf({ address: { host, port } }: Passage): string {
  return `${host} port ${port}`;
}
