import { expect, test } from 'vitest';
import { gateConfig } from '../../../src/gate/config.ts';
import { rulesOf } from '../../../src/gate/rules.ts';

const parse = (config: object) =>
  gateConfig.parse({ upstream: { host: 'server', port: 1 }, ...config });

test('a direction keeps its rules, and what faults share in them, until its faults or the seed change', () => {
  const toClient = { delay: { milliseconds: 1 } };
  const first = rulesOf(parse({ toClient }), undefined);
  first.toClient.shared.set('count', 1);

  const same = rulesOf(parse({ toClient, newConnections: 'Hold' }), first);
  expect([same.toServer, same.toClient]).toEqual([first.toServer, first.toClient]);
  expect(same.toClient).toBe(first.toClient);

  const other = rulesOf(parse({ toClient, toServer: { drop: {} } }), same);
  expect(other.toClient).toBe(first.toClient);
  expect(other.toServer).not.toBe(first.toServer);

  const seeded = rulesOf(parse({ toClient, seed: 1 }), other);
  expect(seeded.toClient).not.toBe(first.toClient);
  expect(seeded.toClient.shared.size).toBe(0);
});
