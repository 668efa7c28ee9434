import { describe, expect, test } from 'vitest';
import { negotiate } from '../../../src/kubeapi/output/negotiate.ts';

describe('a client gets', () => {
  const table = { kind: 'Table', version: 'v1' };
  const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  test.each([
    ['', { format: 'json' }],
    ['*/*', { format: 'json' }],
    ['application/*', { format: 'json' }],
    ['application/yaml', { format: 'yaml' }],
    [asTable, { format: 'json', as: table }],
    [`application/json;as=Chair;v=v1;g=meta.k8s.io,${asTable}`, { format: 'json', as: table }],
    [`${asTable};q=0.5, application/yaml;q=0.9`, { format: 'yaml' }],
    ['application/vnd.kubernetes.protobuf,application/json', { format: 'json' }],
    ['APPLICATION/JSON', { format: 'json' }],
  ])('for "%s" %j', (accept, representation) => {
    expect(negotiate(accept)).toEqual({ as: undefined, ...representation });
  });

  test.each([
    'text/html',
    'application/vnd.kubernetes.protobuf',
    'application/json;as=Table;v=v2;g=meta.k8s.io',
    ';',
  ])('nothing for "%s"', (accept) => {
    expect(() => negotiate(accept)).toThrow('only the following media types are accepted');
  });
});
