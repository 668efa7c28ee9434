/** The model finds what a wrong gate does to bytes, and lets what a right one does. */
import { describe, expect, test } from 'vitest';
import { gateConfig } from '../../../src/gate/config.ts';
import { SUBSTITUTION } from '../../torture/model/effects.ts';
import { GateModel } from '../../torture/model/gateModel.ts';
import { bytesAt } from '../../torture/model/pattern.ts';
import { Receiver } from '../../torture/model/receiver.ts';
import type { SentStream } from '../../torture/model/sentStream.ts';

const LENGTH = 10_000;

/** A gate, one stream through it, and what is found wrong with what comes out. */
class ReceiverHarness {
  now = 0;
  readonly counts = { asSent: 0, changed: 0, left: 0, unplaced: 0 };
  readonly wrong: string[] = [];
  readonly model: GateModel;
  readonly stream: SentStream;
  readonly receiver: Receiver;
  #ids = 0;

  constructor(faults: object = {}) {
    this.model = new GateModel('gate', this.#nextId, () => this.now);
    this.set(faults);
    this.stream = this.model.open('toServer');
    this.receiver = new Receiver({
      model: this.model,
      counts: this.counts,
      streamOf: (id) => [...this.model.streams].find((stream) => stream.id === id),
      now: () => this.now,
      wrong: (what) => this.wrong.push(what),
      onStream() {},
    });
  }

  /** Those are in force. */
  set(toServer: object): void {
    this.model.confirmed(this.asks(toServer));
  }

  asks(toServer: object) {
    return this.model.asks(gateConfig.parse({ upstream: { host: 'a', port: 1 }, toServer }));
  }

  /** What the sender has sent. */
  send(length = LENGTH): Buffer {
    const data = bytesAt(this.stream.id, this.stream.sent, length);
    this.stream.wrote(length, this.now);
    return data;
  }

  finish(): void {
    this.stream.hasFinished = true;
    this.receiver.end(true);
  }

  #nextId = (): number => {
    this.#ids += 1;
    return this.#ids;
  };
}

/** Hands it over in pieces. */
function arrive(harness: ReceiverHarness, data: Buffer, piece = 777): void {
  for (let at = 0; at < data.length; at += piece)
    harness.receiver.take(data.subarray(at, at + piece));
}

function changed(data: Buffer, at: number, length = 1): Buffer {
  const copy = Buffer.from(data);
  for (let index = at; index < at + length; index += 1) copy[index] = (copy[index] ?? 0) ^ 0x55;
  return copy;
}

function without(data: Buffer, from: number, length: number): Buffer {
  return Buffer.concat([data.subarray(0, from), data.subarray(from + length)]);
}

describe('a gate that passes everything', () => {
  test('is right when it does', () => {
    const harness = new ReceiverHarness();
    arrive(harness, harness.send());
    harness.finish();
    expect(harness.wrong).toEqual([]);
    expect(harness.counts).toEqual({ asSent: LENGTH, changed: 0, left: 0, unplaced: 0 });
  });

  const WRONGS: [string, (data: Buffer, harness: ReceiverHarness) => Buffer, RegExp][] = [
    ['changes a byte', (data) => changed(data, 5_000), /byte 5000 is/],
    ['leaves a byte out', (data) => without(data, 5_000, 1), /byte 5000 is/],
    ['leaves out the last byte', (data) => data.subarray(0, -1), /1 of the bytes .* are missing/],
    [
      'passes a byte twice',
      (data) => Buffer.concat([data.subarray(0, 9), data.subarray(8)]),
      /byte 9 is/,
    ],
    [
      'passes bytes that nobody sent',
      (data) => Buffer.concat([data, data]),
      /20000 bytes|bytes came of/,
    ],
    [
      'passes bytes of another connection',
      (_, harness) => bytesAt(harness.model.open('toServer').id, 0, 64),
      /bytes came of 0/,
    ],
    [
      'changes the order',
      (data) =>
        Buffer.concat([data.subarray(0, 64), data.subarray(128, 192), data.subarray(64, 128)]),
      /byte 64 is .*: stream 1 from 128 on/,
    ],
  ];
  test.each(WRONGS)('is wrong when it %s', (_, wrongly, expected) => {
    const harness = new ReceiverHarness();
    arrive(harness, wrongly(harness.send(), harness));
    harness.finish();
    expect(harness.wrong.join('\n')).toMatch(expected);
  });
});

describe('a gate that drops', () => {
  test('may leave out what was sent meanwhile, and nothing before or after', () => {
    const harness = new ReceiverHarness();
    arrive(harness, harness.send());
    const dropping = harness.asks({ drop: {} });
    const before = harness.send(100);
    harness.model.confirmed(dropping);
    harness.send(5_000);
    harness.set({});
    const after = harness.send();
    arrive(harness, Buffer.concat([before.subarray(0, 40), after]), 7);
    harness.finish();
    expect(harness.wrong).toEqual([]);
    expect(harness.counts.left).toBe(5_060);
  });

  test('is right when few bytes came behind the gap, and a FIN', () => {
    for (let length = 1; length < 16; length += 1) {
      const harness = new ReceiverHarness();
      arrive(harness, harness.send());
      harness.set({ drop: {} });
      harness.send();
      harness.set({});
      arrive(harness, harness.send(length), 2);
      harness.finish();
      expect(harness.wrong).toEqual([]);
      expect(harness.counts.left).toBe(LENGTH);
    }
  });

  test('is right when few bytes come behind the gap, and a fault may have ended the connection', () => {
    for (let gap = 20; gap < 300; gap += 1) {
      const harness = new ReceiverHarness();
      arrive(harness, harness.send(64));
      harness.set({ drop: {} });
      harness.send(gap);
      harness.set({});
      arrive(harness, harness.send(14), 2);
      harness.receiver.end(false);
      expect(harness.wrong).toEqual([]);
    }
  });

  test('is right when what follows the gap looks like its beginning', () => {
    // Gaps of every length: the first byte behind some of them is the one that they begin with.
    let alike = 0;
    for (let gap = 1; gap < 1_000; gap += 1) {
      const harness = new ReceiverHarness();
      arrive(harness, harness.send(64));
      harness.set({ drop: {} });
      const lost = harness.send(gap);
      harness.set({});
      const next = harness.send(64);
      if (lost[0] === next[0]) alike += 1;
      arrive(harness, next);
      harness.finish();
      expect(harness.wrong).toEqual([]);
    }
    expect(alike).toBeGreaterThan(0);
  });

  test('is wrong when it leaves out what was sent after that', () => {
    const harness = new ReceiverHarness({ drop: {} });
    harness.send();
    harness.set({});
    arrive(harness, harness.send().subarray(1));
    expect(harness.wrong.join()).toMatch(/are missing/);
  });

  test('is wrong when it passes anything', () => {
    const harness = new ReceiverHarness({ drop: {} });
    arrive(harness, harness.send(64));
    expect(harness.wrong.join()).toMatch(/passed drop/);
  });
});

describe('a gate that changes bytes', () => {
  test('may change those, and no other', () => {
    const harness = new ReceiverHarness({ corrupt: { bytesPerMillion: 500_000 } });
    arrive(harness, changed(harness.send(), 100, 50));
    harness.set({});
    arrive(harness, harness.send());
    expect(harness.wrong).toEqual([]);
    arrive(harness, changed(harness.send(), 100));
    expect(harness.wrong[0]).toMatch(/byte 20100 is/);
  });

  test('is wrong when it changes none', () => {
    const harness = new ReceiverHarness({ corrupt: {} });
    arrive(harness, harness.send(64));
    expect(harness.wrong[0]).toMatch(/passed corrupt unchanged/);
  });

  test('is wrong when it substitutes another byte, or leaves one', () => {
    const harness = new ReceiverHarness({ substitute: [SUBSTITUTION] });
    const sent = harness.send();
    const right = Buffer.from(sent.map((byte) => (byte <= 3 ? 'Z'.charCodeAt(0) : byte)));
    arrive(harness, right);
    expect(harness.wrong).toEqual([]);
    arrive(harness, harness.send());
    expect(harness.wrong[0]).toMatch(/passed substitute/);
  });
});

describe('a gate under a fault that it does not run', () => {
  test.each<[object, RegExp]>([
    [{ stall: {} }, /passed stall/],
    [{ closeOnData: {} }, /passed closeOnData/],
    [{ limitBytes: { bytes: 999 } }, /passed limitBytes 999/],
    [{ delay: { milliseconds: 500 } }, /took 0.0 ms under a delay/],
    [{ bandwidth: { bytesPerSecond: 1_000 } }, /passed bandwidth 1000/],
  ])('is wrong: %j', (faults, expected) => {
    const harness = new ReceiverHarness();
    arrive(harness, harness.send());
    harness.set(faults);
    arrive(harness, harness.send());
    expect(harness.wrong[0]).toMatch(expected);
  });

  test('is right as long as it has not said that it runs it', () => {
    const harness = new ReceiverHarness();
    harness.asks({ stall: {} });
    arrive(harness, harness.send());
    expect(harness.wrong).toEqual([]);
  });
});

test('drop and corrupt one after the other leave bytes that cannot be placed, and no false alarm', () => {
  const harness = new ReceiverHarness({ drop: {} });
  harness.send();
  harness.set({ corrupt: {} });
  arrive(harness, changed(harness.send(), 0, LENGTH));
  harness.set({});
  arrive(harness, harness.send());
  harness.finish();
  expect(harness.wrong).toEqual([]);
  const { asSent, changed: placed, left, unplaced } = harness.counts;
  expect({ asSent, left, others: placed + unplaced }).toEqual({
    asSent: LENGTH,
    left: LENGTH,
    others: LENGTH,
  });
});
