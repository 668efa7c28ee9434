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
])('%j reads: %s', (config, text) => {
  expect(faultsText(gateConfig.parse({ upstream, ...config }))).toBe(text);
});
