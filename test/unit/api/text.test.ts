import { expect, test } from 'vitest';
import { faultsText } from '../../../src/api/text.ts';
import { gateConfig } from '../../../src/gate/config.ts';

const upstream = { host: 'db', port: 5432 };

test.each([
  [{}, 'none'],
  [{ toClient: { delay: { milliseconds: 300 } } }, 'toClient delay 300ms'],
  [{ newConnections: 'Refuse' }, 'newConnections Refuse'],
  [
    {
      newConnections: 'Hold',
      toServer: { drop: {} },
      toClient: {
        delay: { milliseconds: 300, jitterMilliseconds: 50 },
        closeOnData: { how: 'Reset' },
        connectionsPercent: 50,
      },
    },
    'newConnections Hold; toServer drop; toClient closeOnData Reset, delay 300ms±50ms (50% of connections)',
  ],
  [{ toServer: { connectionsPercent: 50 } }, 'none'],
  [
    {
      toServer: {
        stall: {},
        limitTime: { milliseconds: 500, jitterMilliseconds: 50 },
        limitIdle: { milliseconds: 1_000, how: 'Reset' },
        limitBytes: { bytes: 100, scope: 'Gate' },
        corrupt: { bytesPerMillion: 10 },
      },
      toClient: {
        substitute: [{ pattern: '10\\.0\\.0\\.1', replacement: 'gate' }],
        coalesce: { minBytes: 100, maxWaitMilliseconds: 50 },
        bandwidth: { bytesPerSecond: 65_536, burstBytes: 1_000, scope: 'Gate' },
        slice: { maxBytes: 40, gapMilliseconds: 10 },
      },
    },
    'toServer stall, limitTime 500ms±50ms from FirstData Fin, limitIdle 1000ms Reset, limitBytes 100B shared Fin, corrupt 10/1000000; ' +
      "toClient substitute '10\\.0\\.0\\.1' by 'gate', coalesce 100B within 50ms, bandwidth 65536B/s shared burst 1000B, slice 40B every 10ms",
  ],
])('%j reads: %s', (config, text) => {
  expect(faultsText(gateConfig.parse({ upstream, ...config }))).toBe(text);
});
