import { expect, test } from 'vitest';
import { hotSpots } from '../../../bench/report/profiles.ts';

test('functions are in the order of their own time, of the time at work', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url });
  const text = hotSpots({
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('write', 'file:///app/chaosgate.mjs') },
      { id: 3, callFrame: frame('connect', 'node:net') },
    ],
    samples: [1, 2, 3, 3],
    timeDeltas: [1_000, 100, 150, 150],
  });
  expect(text.split('\n').slice(2)).toEqual([
    '| connect node:net | 75.0 % |',
    '| write | 25.0 % |',
  ]);
});
