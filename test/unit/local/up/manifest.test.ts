import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemText, readManifests } from '../../../../src/local/up/manifest.ts';
import { pathOf } from '../../../../src/local/up/positions.ts';

const HEAD = 'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\n';
const SPEC = 'spec: { upstream: { host: localhost, port: 5432 } }\n';

const problems = (text: string) =>
  readManifests('f', text).problems.map((problem) => problemText({ ...problem, file: '/f' }));

describe('a file', () => {
  test('has the gates of its documents, each with its line', () => {
    const text = `# comment\n${HEAD}metadata: { name: a }\n${SPEC}---\n# nothing\n---\n${HEAD}metadata: { name: b, namespace: staging }\n${SPEC}`;
    const { manifests, problems: found } = readManifests('f', text);
    expect(found).toEqual([]);
    expect(manifests.map(({ key, document, line }) => ({ key, document, line }))).toEqual([
      { key: 'default/a', document: 1, line: 2 },
      { key: 'staging/b', document: 3, line: 9 },
    ]);
  });

  test('has the gates of a list', () => {
    const item = (name: string) => ({
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { name, uid: 'u', resourceVersion: '7', generation: 3, managedFields: [] },
      spec: { upstream: { host: 'localhost', port: 5432 } },
      status: { faults: 'none' },
    });
    const list = { apiVersion: 'v1', kind: 'List', items: [item('a'), item('b')] };
    const { manifests } = readManifests('f', JSON.stringify(list, undefined, '\t'));
    expect(manifests.map(({ line }) => line)).toEqual([5, 25]);
    expect(manifests[1]?.gate).toEqual({
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { name: 'b', namespace: 'default' },
      spec: { upstream: { host: 'localhost', port: 5432 } },
    });
  });

  test('may ask for another namespace than the default one for gates that name none', () => {
    const { manifests } = readManifests('f', `${HEAD}metadata: { name: a }\n${SPEC}`, 'staging');
    expect(manifests[0]?.key).toBe('staging/a');
  });

  test('leaves out what is no gate', () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata: { name: s }\n';
    expect(readManifests('f', text)).toEqual({
      manifests: [],
      problems: [],
      others: ['Service s'],
    });
  });
});

test.each(['', '# a\n---\n# b\n'])('%j is nothing at all', (text) => {
  expect(readManifests('/f', text)).toEqual({ manifests: [], problems: [], others: [] });
});

describe('what is wrong', () => {
  test.each([
    ['syntax', 'a: b: c\n', [expect.stringMatching(/^\/f:1: document 1: Nested mappings/)]],
    [
      'a name',
      `${HEAD}${SPEC}`,
      [
        '/f:1: document 1: metadata.name: Required value: name or generateName is required',
        expect.stringMatching(/^\/f:1: document 1: .*metadata\.name names/),
      ],
    ],
    [
      'metadata',
      `${HEAD}metadata: { name: 7 }\n${SPEC}`,
      [expect.stringMatching(/^\/f:3: document 1: metadata: json: cannot unmarshal number/)],
    ],
    [
      'a namespace',
      `${HEAD}metadata: { name: a, namespace: A_B }\n${SPEC}`,
      ['/f:3: document 1: metadata.namespace: It must be a DNS label'],
    ],
    [
      'an alias bomb',
      `a: &a [${'x,'.repeat(200)}]\nb: [${'*a,'.repeat(200)}]\n`,
      [expect.stringMatching(/^\/f:1: document 1: .*alias/i)],
    ],
    [
      'a kind of ours',
      'apiVersion: chaosgate.dev/v1alpha1\nkind: UdpGate\n',
      [
        '/f:2: document 1: kind: There is TcpGate of chaosgate.dev/v1alpha1, and no UdpGate of chaosgate.dev/v1alpha1',
      ],
    ],
    [
      'a group of others',
      'apiVersion: v1\nkind: TcpGate\n',
      [expect.stringMatching(/^\/f:1: document 1: apiVersion: There is/)],
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('in items of lists and fields within is found at its line', () => {
    const text = `${HEAD}metadata:
  name: a
spec:
  upstream:
    host: localhost
    port: 0
  toClient:
    closeOnData:
      how: Maybe
`;
    expect(problems(text)).toEqual([
      expect.stringMatching(/^\/f:8: document 1: spec\.upstream\.port: Invalid value: 0/),
      expect.stringMatching(
        /^\/f:11: document 1: spec\.toClient\.closeOnData\.how: Unsupported value: "Maybe"/,
      ),
    ]);
  });

  test('in a file below the working folder is reported by its short name', () => {
    const file = join(process.cwd(), 'gates', 'a.yaml');
    expect(problemText({ file, line: 3, message: 'no' })).toBe('gates/a.yaml:3: no');
  });
});

test('a field is a path of names and indices', () => {
  expect(pathOf('spec.toClient.substitute[0].pattern')).toEqual([
    'spec',
    'toClient',
    'substitute',
    0,
    'pattern',
  ]);
  expect(pathOf('')).toEqual([]);
});
