import type { DirectionConfig } from '../../../src/gate/config.ts';
import { isReplaced } from './effects.ts';
import type { Certain } from './gateModel.ts';
import type { SentStream } from './sentStream.ts';

/** Bytes that have just arrived. */
export interface Arrival {
  readonly stream: SentStream;
  /** Of the first byte, and behind the last. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** Milliseconds by which two clocks of one machine, rounded to timers, may differ. */
const ROUNDING = 2;

/** Pieces of a second's worth in which `bandwidth` lets bytes go, and the most bytes in one. */
const PIECES = 20;
const LARGEST_PIECE = 65_536;
/** What `bandwidth` promises. */
const PRECISION = 1.02;

/** What is wrong with the arrival, when that configuration is in force; undefined when nothing is. */
export function contradiction(certain: Certain, arrival: Arrival): string | undefined {
  const { stream, to } = arrival;
  const bytes = to - (certain.sent.get(stream) ?? 0);
  const config = certain.config[stream.direction];
  if (bytes <= 0 || config.connectionsPercent < 100) return undefined;
  const isNew = stream.direction === 'toServer' && stream.bornAt > certain.since;
  if (certain.config.newConnections === 'Hold' && isNew) {
    return 'a connection passed bytes that newConnections Hold keeps waiting';
  }
  const stopped = (['stall', 'drop', 'closeOnData'] as const).find((name) => config[name]);
  if (stopped !== undefined) return `${bytes} bytes passed ${stopped}`;
  const { limitBytes } = config;
  if (limitBytes !== undefined && bytes > limitBytes.bytes) {
    return `${bytes} bytes passed limitBytes ${limitBytes.bytes}`;
  }
  return tooEarly(config, arrival) ?? tooFast(config, bytes, certain.since, arrival);
}

function tooEarly({ delay }: DirectionConfig, { stream, to, at }: Arrival): string | undefined {
  const sentAt = stream.sentAt(to - 1);
  if (delay === undefined || sentAt === undefined) return undefined;
  const least = delay.milliseconds - delay.jitterMilliseconds - ROUNDING;
  if (at - sentAt >= least) return undefined;
  return `a byte took ${(at - sentAt).toFixed(1)} ms under a delay of at least ${least} ms`;
}

/** @param bytes those of the stream that the bandwidth was in force for, since then */
function tooFast(
  { bandwidth }: DirectionConfig,
  bytes: number,
  since: number,
  { stream, at }: Arrival,
): string | undefined {
  if (bandwidth === undefined) return undefined;
  const { bytesPerSecond, burstBytes } = bandwidth;
  const seconds = (at - Math.max(since, stream.bornAt) + ROUNDING) / 1_000;
  const piece = Math.min(LARGEST_PIECE, Math.max(1, bytesPerSecond / PIECES));
  const most = PRECISION * bytesPerSecond * seconds + burstBytes + 2 * piece;
  if (bytes <= most) return undefined;
  return `${bytes} bytes in ${seconds.toFixed(3)} s passed bandwidth ${bytesPerSecond}B/s`;
}

/** The same of a byte that arrived as it was sent. */
export function contradictionOfByte(
  certain: Certain,
  stream: SentStream,
  position: number,
  byte: number,
): string | undefined {
  const { corrupt, substitute, connectionsPercent } = certain.config[stream.direction];
  if (connectionsPercent < 100 || position < (certain.sent.get(stream) ?? 0)) return undefined;
  if (substitute !== undefined && corrupt === undefined && isReplaced(byte)) {
    return `the byte ${byte} passed substitute`;
  }
  if (corrupt?.bytesPerMillion === 1_000_000 && substitute === undefined) {
    return 'a byte passed corrupt unchanged';
  }
  return undefined;
}
