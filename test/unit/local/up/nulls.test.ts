/** What says nothing in a file says nothing to a real API server either: `test/contract` has what that one makes of it. */
import { describe, expect, test } from 'vitest';
import { tcpGates } from '../../../../src/local/tcpGates.ts';
import { readManifests } from '../../../../src/local/up/manifest.ts';
import { withDefaults } from '../../../../src/schema/defaults.ts';
import { recorded } from '../../../contract/judge.ts';
import { nulls } from '../../../contract/requests/nulls.ts';

interface Gate {
  readonly metadata: { readonly labels?: object; readonly annotations?: object };
  readonly spec: object;
}

const [created] = nulls;
if (created === undefined) throw new Error('The story is gone');
const answers = recorded(created);

describe('a file means what it means to a cluster, with', () => {
  test.each(created.requests)('$name', ({ name, body }) => {
    const { manifests, problems } = readManifests('f', JSON.stringify(body), 'default');
    const answer = answers[name];
    expect(manifests.length === 1, JSON.stringify(problems)).toBe(answer?.code === 201);
    if (manifests[0] === undefined) return;
    const { metadata, spec } = withDefaults(
      tcpGates.schema,
      manifests[0].gate as never,
    ) as unknown as Gate;
    const real = answer?.body as Gate;
    expect({ ...metadata, spec }).toMatchObject({ spec: real.spec });
    expect([metadata.labels, metadata.annotations]).toEqual([
      real.metadata.labels,
      real.metadata.annotations,
    ]);
  });
});

test('a file cannot ask for a name that is made up each time', () => {
  const gate = { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate' };
  const spec = { upstream: { host: 'localhost', port: 1 } };
  const text = JSON.stringify({ ...gate, metadata: { generateName: 'a-' }, spec });
  expect(readManifests('f', text).problems).toEqual([
    expect.objectContaining({
      field: 'metadata.generateName',
      message: 'A file may be applied repeatedly: set metadata.name instead',
    }),
  ]);
});
