import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Sequence } from '../../../src/async/sequence.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('steps of a sequence', () => {
  test('run one after the other, in the order in which they were given', async () => {
    const sequence = new Sequence();
    const seen: string[] = [];
    const step = (name: string, turns: number) => async () => {
      seen.push(`${name} begins`);
      for (let count = 0; count < turns; count += 1) await turn();
      seen.push(`${name} ends`);
      return name;
    };
    const results = [sequence.run(step('a', 5)), sequence.run(step('b', 0))];
    const last = sequence.run(() => 'c');
    expect(await Promise.all([...results, last])).toEqual(['a', 'b', 'c']);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('never begin within the call', async () => {
    let hasBegun = false;
    const step = new Sequence().run(() => {
      hasBegun = true;
    });
    expect(hasBegun).toBe(false);
    await step;
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('bad'))],
    [
      'throws',
      () => {
        throw new Error('bad');
      },
    ],
  ])('go on after one that %s, which rejects for its own caller alone', async (_, bad) => {
    const sequence = new Sequence();
    const failing = sequence.run<never>(bad);
    const following = sequence.run(() => 'fine');
    await expect(failing).rejects.toThrow('bad');
    expect(await following).toBe('fine');
    expect(await sequence.run(() => 'again')).toBe('again');
    await sequence.idle;
  });

  test('are over when it is idle, with those that were given last', async () => {
    const sequence = new Sequence();
    let ended = 0;
    const step = async () => {
      await turn();
      ended += 1;
    };
    void sequence.run(step);
    void sequence.run(step);
    await sequence.idle;
    expect(ended).toBe(2);
  });

  test('that fail while nobody waits are not passed over in silence', async () => {
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const unhandled = once(process, 'unhandledRejection');
    void new Sequence().run(() => Promise.reject(new Error('unheard')));
    const [error] = await unhandled;
    for (const listener of others) process.on('unhandledRejection', listener);
    expect(error).toMatchObject({ message: 'unheard' });
  });
});
