/** The fixture for vitest, as its users have it: each test here sees what the one before has left. */
import { describe, expect } from 'vitest';
import type { Gate } from '../../src/client/client.ts';
import { chaosTest } from '../../src/client/vitest.ts';
import { echoServer, exchange } from './support/echo.ts';

const server = await echoServer();

/** Gates and faults that the tests have seen, in their order. */
const seen: { gate: Gate; faults: string }[] = [];

const test = chaosTest({
  local: true,
  gates: {
    first: { upstream: server.address },
    'second-gate': async () => ({ upstream: server.address, seed: 7 }),
  },
}).extend('service', { scope: 'file' }, async ({ first }, { onCleanup }) => {
  onCleanup(() => {
    // A service is closed over a gate that passes, after the last test.
    expect(first.faults).toBe('none');
    server.close();
  });
  return exchange(first);
});

describe('a test', () => {
  test('has its gates by name, with a service of its own before them', async ({
    first,
    gates,
    service,
  }) => {
    seen.push({ gate: first, faults: first.faults });
    expect(await service('one')).toBe('one');
    await first.bothDirections.drop();
    await gates['second-gate'].stopAccepting({ how: 'Refuse' });
  });

  test('has the same gates as the one before, reset', async ({ gates, service }) => {
    const { first, 'second-gate': second } = gates;
    expect(first).toBe(seen[0]?.gate);
    expect(first.faults).toBe('none');
    expect(second.faults).toBe('none');
    expect(await service('two')).toBe('two');
  });

  test('that asks for none of them leaves none broken to the next', async ({ chaos }) => {
    const attached = await chaos.gate('first');
    await attached.toServer.stall();
  });

  test('comes after one that was reset, although it did not ask for it', async ({ service }) => {
    expect(await service('three')).toBe('three');
  });
});
