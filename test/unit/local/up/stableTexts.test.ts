import { describe, expect, test } from 'vitest';
import { stableTexts } from '../../../../src/local/up/stableTexts.ts';

/** Reads one text after the other, and the last one forever. */
function reading(...texts: (string | Error)[]) {
  let reads = 0;
  const read = async () => new Map([['f', texts[Math.min(reads++, texts.length - 1)]]]);
  return { read, count: () => reads };
}

const pause = async () => {};
const going = { aborted: false };

describe('what is read', () => {
  test('counts when two reads in a row agree on it', async () => {
    const { read, count } = reading('whole');
    expect(await stableTexts(read, pause, going)).toEqual(new Map([['f', 'whole']]));
    expect(count()).toBe(2);
  });

  test('does not count while a save goes on', async () => {
    const { read } = reading('old', '', 'a', 'a\n---\nb');
    expect(await stableTexts(read, pause, going)).toEqual(new Map([['f', 'a\n---\nb']]));
  });

  test('may be that there is nothing to read', async () => {
    const { read, count } = reading('old', new Error('none'), new Error('none'), 'new');
    expect(await stableTexts(read, pause, going)).toEqual(new Map([['f', new Error('none')]]));
    expect(count()).toBe(3);
  });

  test('does not count when it is stopped while a save goes on forever', async () => {
    const stop = { aborted: false };
    let reads = 0;
    const read = async () => {
      reads += 1;
      stop.aborted = reads === 5;
      return reads;
    };
    expect(await stableTexts(read, pause, stop)).toBeUndefined();
  });

  test('does not count when a stop cuts the pause after it short', async () => {
    const stop = { aborted: false };
    const { read } = reading('a');
    const cutShort = async () => {
      stop.aborted = true;
    };
    expect(await stableTexts(read, cutShort, stop)).toBeUndefined();
  });
});
