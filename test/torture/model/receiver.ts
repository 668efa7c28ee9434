import { type Arrival, contradiction, contradictionOfByte } from './certain.ts';
import { isSubstitution } from './effects.ts';
import type { Certain, GateModel } from './gateModel.ts';
import { BLOCK, bytesAt, findBlock } from './pattern.ts';
import type { SentStream } from './sentStream.ts';

/** Bytes that are kept while none of them says where it is from. */
const LONGEST_DOUBT = 262_144;

/** Bytes that are compared at once. */
const PART = 65_536;

/** Counts of the bytes that a campaign received. */
export interface Counts {
  /** Arrived at their place, as they were sent. */
  asSent: number;
  /** At their place, changed by `corrupt` or `substitute`. */
  changed: number;
  /** Left out by `drop`. */
  left: number;
  /** Arrived while nothing could tell their place: all bytes were changed and some left out. */
  unplaced: number;
}

export interface ReceiverOptions {
  readonly model: GateModel;
  readonly counts: Counts;
  /** A stream by its id, of any gate. */
  streamOf(id: number): SentStream | undefined;
  /** Monotonic milliseconds. */
  now(): number;
  /** Something came that must not. */
  wrong(what: string): void;
  /** Whose bytes these are is known now. */
  onStream(stream: SentStream): void;
}

/** Checks all that one end of a connection receives. */
export class Receiver {
  readonly #options: ReceiverOptions;
  #stream: SentStream | undefined;
  /** Came behind a gap, or before the first block that says whose they are. */
  #doubtful: Buffer = Buffer.alloc(0);
  /** Of them, those that were searched already for a block that begins there. */
  #searched = 0;
  /** Bytes that came before them, and of which nothing told where they stood. */
  #forgotten = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  get stream(): SentStream | undefined {
    return this.#stream;
  }

  /** Whose bytes these are, from another source than the bytes. */
  isOf(stream: SentStream): void {
    if (this.#stream !== undefined) return;
    this.#stream = stream;
    if (!stream.may('loses', 0)) {
      stream.received = this.#forgotten;
      this.#forgotten = 0;
    }
    const data = this.#doubtful;
    this.#clear();
    this.#compare(stream, data);
  }

  take(data: Buffer): void {
    if (this.#stream === undefined) {
      this.#identify(data);
      return;
    }
    const from = this.#stream.received;
    if (this.#doubtful.length > 0) this.#resume(this.#stream, data);
    else this.#compare(this.#stream, data);
    this.#arrived(this.#stream, from);
  }

  /**
   * Nothing comes any more.
   *
   * @param isWhole a FIN said so, and nothing gave the gate a reason to end the connection: all that was sent must be here
   */
  end(isWhole: boolean): void {
    const stream = this.#stream;
    // Who sent them may be found out yet.
    if (stream === undefined) return;
    const rest = this.#doubtful;
    this.#clear();
    if (!isWhole) {
      this.#strew(stream, rest, stream.sent);
      return;
    }
    if (!stream.hasFinished) this.#wrong(stream, 'a FIN came that its sender has not sent');
    const begin = this.#beginOf(stream, rest, { at: rest.length, position: stream.sent });
    this.#put(stream, rest, begin, stream.sent - (rest.length - begin));
    this.#compareParts(stream, rest.subarray(begin), rest.length - begin);
  }

  /** Nobody asks any more. */
  close(): void {
    this.#forget();
  }

  #identify(data: Buffer): void {
    this.#doubtful = Buffer.concat([this.#doubtful, data]);
    const found = this.#search();
    const stream = found && this.#options.streamOf(found.stream);
    if (stream === undefined) {
      if (this.#doubtful.length > LONGEST_DOUBT) this.#forget();
      return;
    }
    if (stream.received > 0) this.#wrong(stream, 'came on two connections');
    if (!this.#options.model.streams.has(stream)) this.#wrong(stream, 'is of another gate');
    this.#options.onStream(stream);
    this.isOf(stream);
    this.#arrived(stream, 0);
  }

  /** Takes all that it can find the place of. */
  #compare(stream: SentStream, data: Buffer, certain = 0): void {
    let rest = data;
    let placed = certain;
    for (;;) {
      rest = rest.subarray(this.#compareParts(stream, rest, placed));
      if (rest.length === 0) return;
      this.#doubtful = Buffer.from(rest);
      const place = this.#place(stream);
      if (place === undefined) return;
      ({ rest, placed } = place);
    }
  }

  /**
   * How many of them stand at their place.
   *
   * @param placed so many do for certain, changed or not
   */
  #compareParts(stream: SentStream, data: Buffer, placed: number): number {
    let at = 0;
    while (at < data.length) {
      const part = data.subarray(at, at + PART);
      if (stream.received + part.length > stream.sent) {
        this.#wrong(stream, `${stream.received + part.length} bytes came of ${stream.sent}`);
        return data.length;
      }
      const expected = bytesAt(stream.id, stream.received, part.length);
      const isSame = this.#mustChange(stream) === undefined && part.equals(expected);
      const taken = isSame
        ? this.#pass(stream, part.length)
        : this.#compareBytes(stream, part, expected, placed - at);
      at += taken;
      if (taken < part.length) break;
    }
    return at;
  }

  #pass(stream: SentStream, length: number): number {
    stream.received += length;
    this.#options.counts.asSent += length;
    return length;
  }

  /** How many of them stand at their place; what is behind does not, for bytes may be missing. */
  #compareBytes(stream: SentStream, data: Buffer, expected: Buffer, placed: number): number {
    const { counts } = this.#options;
    const certain = this.#mustChange(stream);
    for (const [index, byte] of data.entries()) {
      const sent = expected[index] ?? 0;
      if (byte === sent) {
        counts.asSent += 1;
        const what = certain && contradictionOfByte(certain, stream, stream.received, byte);
        if (what !== undefined) this.#wrong(stream, what);
      } else if (index < placed || this.#mayChange(stream, stream.received, sent, byte)) {
        counts.changed += 1;
      } else if (stream.may('loses', stream.received)) {
        return index;
      } else {
        this.#wrong(
          stream,
          `byte ${stream.received} is ${byte} and was ${sent}${origin(data.subarray(index))}`,
        );
        return data.length;
      }
      stream.received += 1;
    }
    return data.length;
  }

  /** The configuration that is in force, if it leaves some bytes no way to arrive as they were sent. */
  #mustChange({ direction }: SentStream): Certain | undefined {
    const { certain } = this.#options.model;
    const { corrupt, substitute } = certain?.config[direction] ?? {};
    return corrupt === undefined && substitute === undefined ? undefined : certain;
  }

  #mayChange(stream: SentStream, position: number, sent: number, byte: number): boolean {
    if (stream.may('substitutes', position) && isSubstitution(sent, byte)) return true;
    // Where bytes may be missing, what differs is of another place more likely than changed.
    return stream.may('corrupts', position) && !stream.may('loses', position);
  }

  #resume(stream: SentStream, data: Buffer): void {
    this.#doubtful = Buffer.concat([this.#doubtful, data]);
    const place = this.#place(stream);
    if (place !== undefined) this.#compare(stream, place.rest, place.placed);
  }

  /** Finds where the bytes behind a gap are from: those from there on, of which the first are at their place. */
  #place(stream: SentStream): { rest: Buffer; placed: number } | undefined {
    const data = this.#doubtful;
    const found = this.#search();
    if (found === undefined) {
      if (data.length > LONGEST_DOUBT) this.#forget();
      return undefined;
    }
    this.#clear();
    if (found.stream !== stream.id || found.position < stream.received) {
      this.#wrong(stream, `behind byte ${stream.received} came${origin(data)}`);
      return undefined;
    }
    const begin = this.#beginOf(stream, data, found);
    const position = found.position - (found.at - begin);
    this.#put(stream, data, begin, position);
    return { rest: data.subarray(begin), placed: found.at - begin + BLOCK };
  }

  /** The bytes before `begin` stand somewhere before that position, and what else does is missing. */
  #put(stream: SentStream, data: Buffer, begin: number, position: number): void {
    const from = stream.received;
    this.#strew(stream, data.subarray(0, begin), position);
    const missing = Math.max(0, position - from - begin - this.#forgotten);
    this.#forgotten = 0;
    if (!mayMiss(stream, from, position, missing)) {
      this.#wrong(stream, `${missing} of the bytes from ${from} to ${position} are missing`);
    }
    this.#options.counts.left += missing;
    stream.received = position;
  }

  /** Index of the first byte from which on all up to the block that was found stand at their place. */
  #beginOf(stream: SentStream, data: Buffer, found: { at: number; position: number }): number {
    const before = Math.min(found.at, found.position - stream.received);
    const expected = bytesAt(stream.id, found.position - before, before);
    let back = 0;
    while (back < before) {
      const next = back + 1;
      const sent = expected[before - next] ?? 0;
      const byte = data[found.at - next] ?? 0;
      if (!mayArriveAs(stream, found.position - next, sent, byte)) break;
      back = next;
    }
    return found.at - back;
  }

  /**
   * Bytes of several places before `end`, each too short to tell which: they must at least stand in what was sent, in
   * their order.
   */
  #strew(stream: SentStream, data: Buffer, end: number): void {
    const { counts } = this.#options;
    if (data.length === 0) return;
    if (stream.may('corrupts', stream.received) || stream.may('substitutes', stream.received)) {
      counts.unplaced += data.length;
      stream.received += data.length;
      return;
    }
    const run = runIn(stream, data, end);
    if (run !== undefined) {
      stream.received = run;
      this.#pass(stream, data.length);
      return;
    }
    for (const byte of data) {
      const at = find(stream.id, byte, stream.received, end);
      if (at === undefined) {
        this.#wrong(stream, `behind byte ${stream.received} came ${byte}, which was not sent`);
        return;
      }
      stream.received = at;
      this.#pass(stream, 1);
    }
  }

  #forget(): void {
    this.#options.counts.unplaced += this.#doubtful.length;
    this.#forgotten += this.#doubtful.length;
    this.#clear();
  }

  #clear(): void {
    this.#doubtful = Buffer.alloc(0);
    this.#searched = 0;
  }

  #search(): ReturnType<typeof findBlock> {
    const found = findBlock(this.#doubtful.subarray(this.#searched));
    if (found !== undefined) return { ...found, at: found.at + this.#searched };
    this.#searched = Math.max(0, this.#doubtful.length - BLOCK + 1);
    return undefined;
  }

  #arrived(stream: SentStream, from: number): void {
    const { model, now } = this.#options;
    const to = stream.received;
    if (model.certain === undefined || to === from) return;
    const arrival: Arrival = { stream, from, to, at: now() };
    const what = contradiction(model.certain, arrival);
    if (what !== undefined) this.#wrong(stream, what);
  }

  #wrong(stream: SentStream, what: string): void {
    const { model } = this.#options;
    this.#options.wrong(
      `${model.name} ${stream.direction}, stream ${stream.id}: ${what}; ${stream.toString()}`,
    );
  }
}

/**
 * Whether so many bytes before that position may be missing, somewhere behind `from`. The first ones behind a gap may look
 * like those that the gap begins with (one in 256 does), so that the gap seems to be behind them.
 */
function mayMiss(stream: SentStream, from: number, position: number, missing: number): boolean {
  for (let alike = 0; alike <= Math.min(MOST_ALIKE, from); alike += 1) {
    const taken = bytesAt(stream.id, from - alike, alike);
    const sent = bytesAt(stream.id, position - alike, alike);
    const isAlike = sent.every((byte, index) =>
      mayArriveAs(stream, position - alike + index, byte, taken[index] ?? 0),
    );
    if (isAlike && stream.mayLose(from - alike, position - alike, missing)) return true;
  }
  return false;
}

/** Whether the byte at that position, which was sent so, may have arrived as this one. */
function mayArriveAs(stream: SentStream, position: number, sent: number, byte: number): boolean {
  if (byte === sent || stream.may('corrupts', position)) return true;
  return stream.may('substitutes', position) && isSubstitution(sent, byte);
}

/** Bytes that are alike by chance at two places: more are not, in a year. */
const MOST_ALIKE = 6;

/** Where all of the bytes stand together, behind others that may be missing. */
function runIn(stream: SentStream, data: Buffer, end: number): number | undefined {
  const sent = bytesAt(stream.id, stream.received, end - stream.received);
  for (let at = sent.indexOf(data); at !== -1; at = sent.indexOf(data, at + 1)) {
    const position = stream.received + at;
    if (stream.mayLose(stream.received, position)) return position;
  }
  return undefined;
}

function find(stream: number, byte: number, from: number, end: number): number | undefined {
  for (let at = from; at < end; at += PART) {
    const index = bytesAt(stream, at, Math.min(PART, end - at)).indexOf(byte);
    if (index !== -1) return at + index;
  }
  return undefined;
}

/** For a message: whose bytes these are. */
function origin(data: Buffer): string {
  const found = findBlock(data);
  if (found === undefined) return '';
  return `: stream ${found.stream} from ${found.position - found.at} on`;
}
