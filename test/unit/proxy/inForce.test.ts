import { expect, test } from 'vitest';
import type { Snapshot } from '../../../src/control/messages.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { inForceOf } from '../../../src/proxy/inForce.ts';

const upstream = { host: 'db', port: 5432 };
const passing = gateConfig.parse({ upstream, seed: 7, disconnect: { nonce: 'a' } });
const broken = {
  ...passing,
  newConnections: 'Refuse' as const,
  toClient: gateConfig.shape.toClient.parse({ drop: {}, connectionsPercent: 50 }),
};
const TEXT = 'newConnections Refuse; toClient drop (50% of connections)';

test.each<[Snapshot['stop'], boolean, string, string]>([
  [undefined, false, 'InForce', TEXT],
  [undefined, true, 'Ended', `none (ended: ${TEXT})`],
  ['Lever', false, 'Lever', `none (lever: ${TEXT})`],
  ['Lever', true, 'Ended', `none (ended: ${TEXT})`],
  ['Suspended', false, 'Suspended', `none (suspended: ${TEXT})`],
  ['Suspended', true, 'Suspended', `none (suspended: ${TEXT})`],
  ['Released', false, 'Released', `none (released: ${TEXT})`],
  ['Released', true, 'Released', `none (released: ${TEXT})`],
])('with stop %s and ended %s the faults are %s', (stop, isEnded, state, faults) => {
  const snapshot = { generation: 1, config: broken, ...(stop === undefined ? {} : { stop }) };
  const config = state === 'InForce' ? broken : passing;
  expect(inForceOf(snapshot, isEnded)).toEqual({ config, state, faults });
});

test.each([undefined, 'Lever', 'Suspended', 'Released'] as const)(
  'a gate without faults has none, whatever stops it: %s',
  (stop) => {
    const snapshot = { generation: 1, config: passing, ...(stop === undefined ? {} : { stop }) };
    expect(inForceOf(snapshot, true)).toEqual({
      config: passing,
      state: 'NoFaults',
      faults: 'none',
    });
  },
);
