import { z } from 'zod';
import { free, memory } from '../memory.ts';
import { integer } from '../schema.ts';
import { defineFault } from './fault.ts';

const MILLION = 1_000_000;

/** Bytes whose changes come from one seed: those of any byte are found without the bytes before its block. */
const BLOCK = 4_096;

/** From this share on, a draw for each byte is faster than a jump to each change: jumps can't be predicted. */
const DENSE = 1 / 16;

export const corrupt = defineFault({
  schema: z
    .object({
      bytesPerMillion: integer(
        'Average number of bytes changed per million. Default: all of them. A changed byte always differs from the original.',
        { min: 1, max: MILLION },
      ).default(MILLION),
    })
    .describe(
      "Changes bytes, without adding or removing any. Which bytes change, and how, depends only on the seed, the connection's number, the direction and the position in the stream. Set it to {} to change every byte.",
    ),
  describe: ({ bytesPerMillion }) =>
    bytesPerMillion === MILLION ? 'corrupt' : `corrupt ${bytesPerMillion}/${MILLION}`,
  changesBytes: true,
  stage: ({ bytesPerMillion }, context) => {
    const share = bytesPerMillion / MILLION;
    const change = share < DENSE ? jumping(share) : drawingEach(share);

    const corrupted = (data: Buffer, offset: number): Buffer => {
      const draft = new Draft(data);
      // Read now: copying frees the original.
      const { length } = data;
      for (let at = 0; at < length; ) {
        const from = (offset + at) % BLOCK;
        const to = Math.min(BLOCK, from + length - at);
        const seed = (context.random((offset + at - from) / BLOCK) * 2 ** 32) | 0;
        change(draft, { seed, start: at - from, from, to });
        at += to - from;
      }
      return draft.bytes;
    };

    return {
      held: 0,
      push: (chunk) => context.pass({ ...chunk, data: corrupted(chunk.data, chunk.offset) }),
      end: (end) => context.passEnd(end),
      release: () => [],
    };
  },
  docs: {
    cause:
      'The bytes received are not those sent: a broken memory module, a bug in a proxy or client library, or a server that speaks an unexpected protocol.',
    sender: 'Nothing, until the receiver reacts.',
    receiver: 'The same number of bytes at the same time, some or all of them changed.',
    pitfalls: [
      'Users of chaos.py skip its `corrupt_data` as flaky, because garbage may be valid: a changed letter in a result row is just another letter. Here the same seed, connection and bytes give the same garbage, but whether a protocol notices still depends on which bytes are hit. To test one reaction, change the bytes that cause it, with `substitute`. To cause an error in any case, use `limitBytes` with `Reset`, or TLS, which accepts no changed byte.',
      'A changed length field may be large: the receiver then waits for bytes that never arrive, and hangs instead of failing. Give it a timeout.',
      'A small share affects large transfers but may miss small ones: with 1000 per million, 37 of 100 messages of 1000 bytes arrive unchanged.',
    ],
    example: { direction: 'toServer', settings: { bytesPerMillion: 10_000 } },
  },
});

/** The part of a block that a chunk has. */
interface Stretch {
  readonly seed: number;
  /** Where the block begins in the chunk: negative if it began before. */
  readonly start: number;
  /** Places in the block. */
  readonly from: number;
  readonly to: number;
}

type Change = (draft: Draft, stretch: Stretch) => void;

/** Bytes that are copied before the first of them changes: a text of the configuration may be among them. */
class Draft {
  bytes: Buffer;
  readonly #original: Buffer;

  constructor(original: Buffer) {
    this.bytes = original;
    this.#original = original;
  }

  get copy(): Buffer {
    if (this.bytes === this.#original) {
      this.bytes = memory(this.#original.length);
      this.#original.copy(this.bytes);
      free(this.#original);
    }
    return this.bytes;
  }
}

/** Costs nothing for the bytes that stay as they are. */
function jumping(share: number): Change {
  const gap = gaps(share);
  return (draft, { seed, start, from, to }) => {
    let number = draw(seed, 0);
    for (let place = gap(number), count = 1; place < to; place += 1 + gap(number), count += 1) {
      if (place >= from) flip(draft.copy, start + place, bitsOf(number));
      number = draw(seed, count);
    }
  };
}

/**
 * Turns a draw into the bytes that stay as they are before the next change: as many as it takes for the odds of
 * that, (1 - share) to their power, to fall below the draw. Multiplied out: the digits of Math.log may differ from
 * machine to machine (ECMA-262, 21.3).
 */
function gaps(share: number): (number: number) => number {
  const steps: { readonly length: number; readonly odds: number }[] = [];
  // All of them together reach past the block.
  for (let length = 1, odds = 1 - share; length <= BLOCK; length *= 2, odds *= odds) {
    steps.unshift({ length, odds });
  }
  return (number) => {
    const limit = number / DRAWS;
    let gap = 0;
    let odds = 1;
    for (const step of steps) {
      if (odds * step.odds <= limit) continue;
      odds *= step.odds;
      gap += step.length;
    }
    return gap;
  };
}

/** Takes the same time whatever the share: the loop has no branch that could be guessed wrong. */
function drawingEach(share: number): Change {
  const limit = share * DRAWS;
  return (draft, { seed, start, from, to }) => {
    const bytes = draft.copy;
    for (let place = from; place < to; place += 1) {
      const number = draw(seed, place);
      // All ones below the limit, else all zeros.
      const isChanged = (number - limit) >> 31;
      flip(bytes, start + place, isChanged & bitsOf(number));
    }
  };
}

function flip(bytes: Buffer, at: number, bits: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ bits;
}

/** Never 0, which would leave the byte as it is. */
function bitsOf(number: number): number {
  return 1 + (number % 255);
}

/** Draws are below it: as many bits as leave room for a sign. */
const DRAWS = 2 ** 31;

/** Like `keyedRandom`, in integers and for one key more: it runs for each byte. */
function draw(seed: number, index: number): number {
  let hash = seed + index;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 1;
}
