import { describe, expect, test } from 'vitest';
import { operatorConfig } from '../../../src/operator/config.ts';

const proxy = { image: 'chaosgate:test' };

describe('the configuration of the operator', () => {
  test('needs nothing but the image of the proxies', () => {
    expect(operatorConfig.parse({ proxy })).toMatchObject({
      namespaces: [],
      leaderElection: { enabled: true, leaseSeconds: 15, renewSeconds: 10, retrySeconds: 2 },
    });
  });

  test.each([
    ['an unknown key', { proxy, namespace: ['a'] }, '', 'namespace'],
    ['a port out of range', { proxy, http: { port: 70_000 } }, 'http.port', '65535'],
    ['no image', { proxy: {} }, 'proxy.image', ''],
    [
      'a leader that gives up too late',
      { proxy, leaderElection: { renewSeconds: 15 } },
      'leaderElection.renewSeconds',
      'less than leaseSeconds',
    ],
    [
      'a leader with a single try',
      { proxy, leaderElection: { retrySeconds: 10 } },
      'leaderElection.retrySeconds',
      'less than renewSeconds',
    ],
  ])('refuses %s by the name of its field', (_, config, path, text) => {
    const { error } = operatorConfig.safeParse(config);
    expect(error?.issues[0]?.path.join('.')).toBe(path);
    expect(error?.issues[0]?.message).toContain(text);
  });
});
