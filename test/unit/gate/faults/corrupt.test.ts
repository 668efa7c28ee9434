import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corrupt } from '../../../../src/gate/faults/corrupt.ts';
import type { StageContext } from '../../../../src/gate/faults/fault.ts';
import { keyedSequence } from '../../../../src/gate/random.ts';
import { openLine } from './support.ts';

const BLOCK = 4_096;
const SHARES = [1, 1_000, 62_499, 62_500, 500_000, 999_999, 1_000_000];

/** The result of a stream that starts at `offset` and comes in these pieces. */
function corrupted(pieces: readonly Buffer[], bytesPerMillion: number, offset = 0): Buffer {
  const passed: Buffer[] = [];
  const context = {
    random: keyedSequence(42),
    pass: ({ data }) => passed.push(data),
  } as Partial<StageContext>;
  const stage = corrupt.stage({ bytesPerMillion }, context as StageContext);
  let at = offset;
  for (const data of pieces) {
    stage.push({ data, arrivedAt: 0, offset: at, changedBy: [] });
    at += data.length;
  }
  return Buffer.concat(passed);
}

/** The same bytes in pieces that end at the given places. */
function cut(data: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (data.length + 1)), data.length];
  sorted.sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => data.subarray(sorted[index], end));
}

function differences(a: Buffer, b: Buffer): number[] {
  return [...a.keys()].filter((at) => a[at] !== b[at]);
}

describe('corrupt', () => {
  test('changes every byte if it is not told how many', () => {
    const { line } = openLine({ corrupt: {} });
    const sent = Buffer.from(Array.from({ length: 10_000 }, (_, at) => at % 256));
    line.send(sent);
    expect(line.received.length).toBe(sent.length);
    expect(differences(sent, line.received).length).toBe(sent.length);
  });

  test.each(SHARES)('changes about %i bytes of a million', (bytesPerMillion) => {
    const sent = Buffer.alloc(16 * 2 ** 20);
    const received = corrupted([sent], bytesPerMillion);
    const share = bytesPerMillion / 1_000_000;
    const mean = sent.length * share;
    // Five standard deviations of a binomial distribution: for another seed it would fail once in a million times.
    const spread = 5 * Math.sqrt(mean * (1 - share));
    const changed =
      received.length - received.reduce((zeros, byte) => zeros + Number(byte === 0), 0);
    expect(changed).toBeGreaterThanOrEqual(mean - spread);
    expect(changed).toBeLessThanOrEqual(mean + spread);
  });

  test.each([20_000, 500_000])('spreads %i of a million over all places of a block', (share) => {
    const blocks = 4_000;
    const received = corrupted([Buffer.alloc(blocks * BLOCK)], share);
    const counts = Array.from({ length: 16 }, () => 0);
    for (const [at, byte] of received.entries()) {
      const part = Math.floor(((at % BLOCK) * counts.length) / BLOCK);
      if (byte !== 0) counts[part] = (counts[part] ?? 0) + 1;
    }
    const mean = (received.length * share) / 1_000_000 / counts.length;
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });

  test('turns a byte into any other one', () => {
    const received = corrupted([Buffer.alloc(2 ** 16, 7)], 1_000_000);
    const values = new Set(received);
    expect(values.size).toBe(255);
    expect(values.has(7)).toBe(false);
  });

  test('changes the same bytes however the stream is cut', () => {
    const pieces = fc.array(fc.nat(), { maxLength: 20 });
    const offsets = fc.constantFrom(0, 1, BLOCK - 1, 2 ** 31 - 5, 2 ** 32 - 5, 2 ** 45 + 5);
    const property = fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 3 * BLOCK, size: 'max' }),
      pieces,
      fc.constantFrom(...SHARES),
      offsets,
      (bytes, places, bytesPerMillion, offset) => {
        const data = Buffer.from(bytes);
        const whole = corrupted([data], bytesPerMillion, offset);
        expect(whole.length).toBe(data.length);
        expect(corrupted(cut(data, places), bytesPerMillion, offset)).toEqual(whole);
      },
    );
    fc.assert(property);
  });

  test('changes the same bytes byte by byte', () => {
    const data = Buffer.alloc(2 * BLOCK);
    for (const share of SHARES) {
      const singles = Array.from(data, (byte) => Buffer.of(byte));
      expect(corrupted(singles, share)).toEqual(corrupted([data], share));
    }
  });

  test.each([
    [1_000, '9ca777d958b59849a95eff2820a4cacb0a18c53ef9a75ef9c66347927c8fe982'],
    [62_500, 'a0cce9887812abc03a1ea2ca9f6b9a307199ed3ae60cd4e0e2bb1cf97c514286'],
    [1_000_000, '263ec169d5bf3dc429101ba6a9168573b89aa7a46bd5f59373b4ceffa0a2343d'],
  ])('changes the same bytes on every machine: %i of a million', (bytesPerMillion, digest) => {
    const { line } = openLine({ corrupt: { bytesPerMillion } }, { seed: 42 });
    line.send(Buffer.alloc(2 ** 16));
    expect(createHash('sha256').update(line.received).digest('hex')).toBe(digest);
  });

  test('changes other bytes of another connection, and under another seed', () => {
    const results = [1, 2].flatMap((seed) => {
      const { harness, line } = openLine({ corrupt: { bytesPerMillion: 100_000 } }, { seed });
      return [line, harness.open()].map((each) => {
        each.send(Buffer.alloc(1_000));
        return each.received.toString('hex');
      });
    });
    expect(new Set(results).size).toBe(4);
  });

  test.each(SHARES)('leaves the buffer that it was given alone (%i of a million)', (share) => {
    const data = Buffer.alloc(2 ** 16);
    corrupted([data], share);
    expect(data).toEqual(Buffer.alloc(2 ** 16));
  });

  test('does not change a byte twice when the faults change', () => {
    const { harness, line } = openLine({ corrupt: {}, delay: { milliseconds: 100 } });
    line.send('held while the faults change');
    harness.setFaults({ corrupt: { bytesPerMillion: 1_000_000 } });
    line.send(', and sent under the new ones');

    const once = openLine({ corrupt: {} }).line;
    once.send('held while the faults change, and sent under the new ones');
    expect(line.received).toEqual(once.received);
  });

  test('leaves bytes as they are once it is lifted', () => {
    const { harness, line } = openLine({ corrupt: {} });
    line.send('before');
    harness.setFaults({});
    line.send('after');
    expect(line.text.slice(0, 'before'.length)).not.toBe('before');
    expect(line.text.slice('before'.length)).toBe('after');
  });

  test('changes bytes that were held before it', () => {
    const { harness, line } = openLine({ stall: {} });
    line.send('stalled');
    harness.setFaults({ corrupt: {} });
    expect(differences(Buffer.from('stalled'), line.received).length).toBe('stalled'.length);
  });

  test('lets the end pass', () => {
    const { line } = openLine({ corrupt: {} });
    line.end();
    expect(line.endedAt).toBe(0);
  });

  test.each([0, -1, 1_000_001, 0.5])('takes no bytesPerMillion of %d', (bytesPerMillion) => {
    expect(corrupt.schema.safeParse({ bytesPerMillion }).success).toBe(false);
  });

  test.each([
    [{}, 'corrupt'],
    [{ bytesPerMillion: 100 }, 'corrupt 100/1000000'],
  ])('%j reads: %s', (settings, text) => {
    expect(corrupt.describe(corrupt.schema.parse(settings))).toBe(text);
  });
});
