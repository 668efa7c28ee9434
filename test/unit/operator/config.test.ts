import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { operatorConfig } from '../../../src/operator/config.ts';
import { ACCEPTED, REFUSED } from '../chart/refused.ts';

const proxy = { image: 'chaosgate:test' };
const values = new URL('../../../charts/chaosgate/values.yaml', import.meta.url);
const chart = parse(readFileSync(values, 'utf8'));

/** As Helm puts values over the defaults of a chart. */
function merge(defaults: unknown, values: unknown): unknown {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(defaults) || !isMap(values)) return values;
  const merged = Object.entries(values).map(([key, value]) => [key, merge(defaults[key], value)]);
  return { ...defaults, ...Object.fromEntries(merged) };
}

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
  ])('refuses %s by the name of its field', (_, config, path, text) => {
    const { error } = operatorConfig.safeParse(config);
    expect(error?.issues[0]?.path.join('.')).toBe(path);
    expect(error?.issues[0]?.message).toContain(text);
  });

  test.each(REFUSED)(
    'refuses $mistake by the path, as the chart does',
    ({ values, path, word }) => {
      const defaults = { resources: chart.proxy.resources, ...proxy };
      const { error } = operatorConfig.safeParse(merge({ proxy: defaults }, values));
      const text = error === undefined ? '' : z.prettifyError(error);
      expect(text).toContain(path);
      expect(text).toContain(word);
    },
  );

  test('takes what Kubernetes takes for the pods of proxies, and hands it on as it is', () => {
    const config = operatorConfig.parse({ proxy: { ...proxy, ...ACCEPTED } });
    expect(config.proxy).toMatchObject(ACCEPTED);
  });
});
