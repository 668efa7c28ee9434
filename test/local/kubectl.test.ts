/** The stock kubectl, against the API of `chaosgate up`. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Kubectl } from './support/kubectl.ts';
import { type LocalServer, startServer } from './support/server.ts';

let server: LocalServer;
let kubectl: Kubectl;

beforeAll(async () => {
  server = await startServer();
  kubectl = server.kubectl;
});

afterAll(async () => {
  await server.stop();
  expect(server.errors).toEqual([]);
});

interface Gate {
  readonly metadata: Record<string, unknown> & { generation: number };
  readonly spec: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

function manifest(name: string, spec: object = {}, metadata: object = {}): string {
  return JSON.stringify({
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name, ...metadata },
    spec: { upstream: { host: 'localhost', port: 5432 }, ...spec },
  });
}

/** Many documents in one. */
function yaml(...documents: readonly string[]): string {
  return documents.map((document) => stringify(JSON.parse(document))).join('---\n');
}

async function create(name: string, spec?: object, metadata?: object): Promise<void> {
  await kubectl.pipe(manifest(name, spec, metadata), 'create', '-f', '-');
}

async function get(name: string): Promise<Gate> {
  return JSON.parse(await kubectl.run('get', 'tg', name, '-o', 'json')) as Gate;
}

/** What the operator will do. */
async function writeStatus(name: string, ready: 'True' | 'False'): Promise<void> {
  const { metadata } = await get(name);
  const status = {
    observedGeneration: metadata.generation,
    upstream: 'localhost:5432',
    faults: 'toClient delay 300ms',
    connections: { active: 4, accepted: 9 },
    conditions: [
      {
        type: 'Ready',
        status: ready,
        observedGeneration: metadata.generation,
        reason: 'Tested',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  };
  const patch = JSON.stringify({ status });
  await kubectl.run('patch', 'tg', name, '--subresource=status', '--type=merge', '-p', patch);
}

const DELAY = { toClient: { delay: { milliseconds: 300 } } };

describe('kubectl says what is not served:', () => {
  const none = (kind: string, apiVersion: string) =>
    JSON.stringify({ apiVersion, kind, metadata: { name: 'a' } });

  test.each([
    ['Deployment', 'apps/v1'],
    ['Pod', 'v1'],
    ['TcpGate', 'chaosgate.dev/v1'],
    ['TCPGate', 'chaosgate.dev/v1alpha1'],
  ])('%s of %s', async (kind, apiVersion) => {
    for (const verb of [['apply'], ['create'], ['apply', '--server-side'], ['delete']]) {
      const { code, stderr } = await kubectl.attempt([...verb, '-f', '-'], {
        input: none(kind, apiVersion),
      });
      expect(code).toBe(1);
      expect(stderr).toContain(`no matches for kind "${kind}" in version "${apiVersion}"`);
      expect(stderr).toContain('ensure CRDs are installed first');
    }
  });

  test('a List of what is, it takes', async () => {
    const items = [JSON.parse(manifest('listed')) as object];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect(await kubectl.pipe(list, 'apply', '-f', '-')).toContain('listed created');
    await kubectl.pipe(list, 'delete', '-f', '-');
  });

  test('OpenAPI version 2, which it explains the old way', async () => {
    const args = ['explain', 'tcpgate.spec.upstream.port', '--output=plaintext-openapiv2'];
    expect(await kubectl.run(...args)).toMatch(/FIELD: +port <integer>/);
  });
});

describe('kubectl finds', () => {
  test('what there is', async () => {
    const resources = await kubectl.run('api-resources', '-o', 'wide');
    expect(resources).toMatch(
      /^tcpgates\s+tg\s+chaosgate\.dev\/v1alpha1\s+true\s+TcpGate\s.*chaos$/m,
    );
    expect(resources).toMatch(/^events\s+ev\s+v1\s/m);
    expect(await kubectl.run('api-versions')).toBe(
      'chaosgate.dev/v1alpha1\nevents.k8s.io/v1\nv1\n',
    );
  });

  test('a version', async () => {
    expect(await kubectl.run('version')).toContain('Server Version: v1.34.0+chaosgate.0.0.0-test');
  });

  test('what every field means', async () => {
    const all = await kubectl.run('explain', 'tg', '--recursive');
    expect(all).toMatch(/delay\t<Object>\n\s+jitterMilliseconds\t<integer>/);
    const spec = await kubectl.run('explain', 'tcpgate.spec.toClient.delay');
    expect(spec).toContain('Sends every byte this long after it arrived, in order.');
    expect(spec).toContain('milliseconds\t<integer> -required-');
    expect(await kubectl.run('explain', 'tg.spec.newConnections')).toContain(
      'ENUM:\n    Accept\n    Hold\n    Refuse\n    Reset\n',
    );
    expect(all + spec).not.toContain('<no description>');
  });
});

describe('kubectl apply', () => {
  test('on the client side creates, changes and leaves alone', async () => {
    const apply = (spec: object) => kubectl.pipe(manifest('applied', spec), 'apply', '-f', '-');
    expect(await apply(DELAY)).toContain('applied created');
    expect(await apply(DELAY)).toContain('applied unchanged');
    expect(await apply({ toServer: { drop: {} } })).toContain('applied configured');
    const { spec } = await get('applied');
    expect(spec).toMatchObject({ toServer: { drop: {} } });
    expect(spec.toClient).toEqual({ connectionsPercent: 100 });
  });

  test('on the server side creates, changes and lets go of what is not said any more', async () => {
    const apply = (spec: object) =>
      kubectl.pipe(manifest('server-side', spec), 'apply', '--server-side', '-f', '-');
    expect(await apply(DELAY)).toContain('serverside-applied');
    await apply({});
    expect((await get('server-side')).spec.toClient).toEqual({ connectionsPercent: 100 });
  });

  test('on the server side names whose fields it would change, and takes them when told to', async () => {
    await create('contested', DELAY);
    const other = manifest('contested', { toClient: { delay: { milliseconds: 5 } } });
    const args = ['apply', '--server-side', '-f', '-'];
    const { code, stderr } = await kubectl.attempt(args, { input: other });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'conflict with "kubectl-create" using chaosgate.dev/v1alpha1: .spec.toClient.delay.milliseconds',
    );
    await kubectl.pipe(other, ...args, '--force-conflicts');
    expect((await get('contested')).spec).toMatchObject({
      toClient: { delay: { milliseconds: 5 } },
    });
  });

  test('on the server side takes over from the client side', async () => {
    await kubectl.pipe(manifest('migrated', DELAY), 'apply', '-f', '-');
    const shorter = { toClient: { delay: { milliseconds: 5 } } };
    await kubectl.pipe(manifest('migrated', shorter), 'apply', '--server-side', '-f', '-');
    expect((await get('migrated')).spec).toMatchObject(shorter);
    // What is not said any more goes, although it was said on the client's side.
    await kubectl.pipe(manifest('migrated'), 'apply', '--server-side', '-f', '-');
    expect((await get('migrated')).spec.toClient).toEqual({ connectionsPercent: 100 });
    // And back again.
    expect(await kubectl.pipe(manifest('migrated', DELAY), 'apply', '-f', '-')).toContain(
      'configured',
    );
  });

  test('takes many documents, and namespaces as they come', async () => {
    const documents = yaml(manifest('first'), manifest('second'));
    await kubectl.pipe(documents, 'apply', '-n', 'staging', '-f', '-');
    expect(await kubectl.run('get', 'tg', '-n', 'staging', '-o', 'name')).toBe(
      'tcpgate.chaosgate.dev/first\ntcpgate.chaosgate.dev/second\n',
    );
    expect(await kubectl.run('get', 'ns', 'staging')).toMatch(/staging\s+Active/);
    expect(await kubectl.run('get', 'tg', '-A')).toMatch(/^staging\s+first/m);
    await kubectl.run('delete', 'ns', 'staging');
    expect(await kubectl.run('get', 'tg', '-n', 'staging', '-o', 'name')).toBe('');
  });

  test('takes a namespace with its gates', async () => {
    const namespace = (labels: object) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made', labels } });
    const both = yaml(namespace({}), manifest('inside', {}, { namespace: 'made' }));
    expect(await kubectl.pipe(both, 'apply', '-f', '-')).toContain('namespace/made created');
    expect(await kubectl.pipe(namespace({ a: 'b' }), 'apply', '-f', '-')).toContain('configured');
    expect(await kubectl.run('get', 'ns', '-l', 'a=b', '-o', 'name')).toBe('namespace/made\n');
    await kubectl.run('label', 'ns', 'made', 'a-');
    expect(await kubectl.run('delete', 'ns', 'made', '--dry-run=server')).toContain('made');
    expect(await kubectl.run('get', 'tg', '-n', 'made', '-o', 'name')).toContain('inside');
    await kubectl.run('delete', 'ns', 'made');
    expect(await kubectl.run('get', 'tg,ns', '-A', '-o', 'name')).not.toContain('made');
  });

  test('refuses a misspelt field and what breaks a rule, by name', async () => {
    const misspelt = await kubectl.attempt(['apply', '-f', '-'], {
      input: manifest('refused', { toClient: { delai: {} } }),
    });
    expect(misspelt.stderr).toContain('unknown field "spec.toClient.delai"');
    const broken = await kubectl.attempt(['apply', '-f', '-'], {
      input: manifest('refused', {
        toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } },
      }),
    });
    expect(broken.stderr).toContain('jitterMilliseconds must not be greater than milliseconds');
    expect([misspelt.code, broken.code]).toEqual([1, 1]);
  });
});

describe('kubectl get', () => {
  beforeAll(async () => {
    await create('shown', DELAY, { labels: { app: 'shown' } });
    await writeStatus('shown', 'True');
  });

  test('prints the columns of the CRD', async () => {
    const [head, row] = (await kubectl.run('get', 'tg', 'shown')).split('\n');
    expect(head?.split(/\s{2,}/)).toEqual([
      ...['NAME', 'READY', 'REASON', 'FAULTS', 'CONNS', 'AGE'],
    ]);
    expect(row).toMatch(/^shown\s+True\s+\w+\s+toClient delay 300ms\s+4\s+\d+s$/);
    expect(await kubectl.run('get', 'tg', 'shown', '-o', 'wide')).toMatch(
      /UPSTREAM +UPSTREAM STATE.*\n.*localhost:5432/,
    );
    expect(await kubectl.run('get', 'chaos', '-l', 'app=shown')).toContain('shown');
  });

  test('prints YAML, JSON, names and paths', async () => {
    expect(await kubectl.run('get', 'tg', 'shown', '-o', 'yaml')).toContain('milliseconds: 300');
    expect(await kubectl.run('get', 'tg/shown', '-o', 'name')).toBe(
      'tcpgate.chaosgate.dev/shown\n',
    );
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    expect(await kubectl.run('get', 'tg', 'shown', '-o', path)).toBe('True');
  });

  test('selects by label and by name', async () => {
    const names = (...selector: string[]) => kubectl.run('get', 'tg', '-o', 'name', ...selector);
    expect(await names('-l', 'app=shown')).toBe('tcpgate.chaosgate.dev/shown\n');
    expect(await names('-l', 'app in (other)')).toBe('');
    expect(await names('--field-selector', 'metadata.name=shown')).toContain('shown');
  });

  test('pages through a long list', async () => {
    await Promise.all(
      Array.from({ length: 7 }, (_, index) =>
        create(`paged-${index}`, {}, { labels: { paged: 'yes' } }),
      ),
    );
    const names = await kubectl.run('get', 'tg', '-l', 'paged=yes', '--chunk-size=3', '-o', 'name');
    expect(names.trim().split('\n')).toHaveLength(7);
    await kubectl.run('delete', 'tg', '-l', 'paged=yes');
  });

  test('-w prints a row for every change', async () => {
    await create('watched');
    const watching = kubectl.start('get', 'tg', '-w', '--field-selector', 'metadata.name=watched');
    await watching.until((text) => text.includes('watched'));
    await writeStatus('watched', 'False');
    await watching.until((text) =>
      /watched\s+False\s+Tested\s+toClient delay 300ms\s+4/.test(text),
    );
    await writeStatus('watched', 'True');
    const text = await watching.until((output) => /watched\s+True/.test(output));
    expect(text.match(/NAME/g)).toHaveLength(1);
    await watching.stop();
  });

  test('says that there is none', async () => {
    const { code, stderr } = await kubectl.attempt(['get', 'tg', 'nobody']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Error from server (NotFound): tcpgates.chaosgate.dev "nobody" not found\n',
    );
    const unknown = await kubectl.attempt(['get', 'pods']);
    expect(unknown.stderr).toContain('the server doesn\'t have a resource type "pods"');
  });
});

describe('kubectl changes a gate', () => {
  test('by merge patch, and lifts a fault with null', async () => {
    await create('merged');
    await kubectl.run(
      'patch',
      'tg',
      'merged',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: DELAY }),
    );
    expect((await get('merged')).spec).toMatchObject(DELAY);
    await kubectl.run('patch', 'tg', 'merged', '--type=merge', '-p', '{"spec":{"toClient":null}}');
    const { metadata, spec } = await get('merged');
    expect(spec.toClient).toEqual({ connectionsPercent: 100 });
    expect(metadata.generation).toBe(3);
  });

  test('by JSON patch', async () => {
    await create('patched', DELAY);
    const patch = [{ op: 'replace', path: '/spec/toClient/delay/milliseconds', value: 5 }];
    await kubectl.run('patch', 'tg', 'patched', '--type=json', '-p', JSON.stringify(patch));
    expect((await get('patched')).spec).toMatchObject({ toClient: { delay: { milliseconds: 5 } } });
  });

  test('but not by strategic merge patch, which it says', async () => {
    await create('strategic');
    const { code, stderr } = await kubectl.attempt([
      'patch',
      'tg',
      'strategic',
      '-p',
      '{"spec":{"seed":1}}',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('application/strategic-merge-patch+json is not supported');
  });

  test('with a warning when a patch has a field that does not exist', async () => {
    await create('warned');
    // The first write after the creation is a change in any case: it stores the status of a new gate.
    await kubectl.run('label', 'tg', 'warned', 'a=b');
    const args = [
      'patch',
      'tg',
      'warned',
      '--type=merge',
      '-p',
      '{"spec":{"toClient":{"delai":1}}}',
    ];
    const { code, stdout, stderr } = await kubectl.attempt(args);
    expect(code).toBe(0);
    expect(stdout).toContain('patched (no change)');
    expect(stderr).toBe('Warning: unknown field "spec.toClient.delai"\n');
  });

  test('in an editor', async () => {
    await create('edited', DELAY);
    const editor = join(server.folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/milliseconds: 300/milliseconds: 7/" "$1"\n');
    await chmod(editor, 0o755);
    const { stdout, stderr } = await kubectl.attempt(['edit', 'tg', 'edited'], {
      env: { KUBE_EDITOR: editor },
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('edited');
    expect((await get('edited')).spec).toMatchObject({ toClient: { delay: { milliseconds: 7 } } });
  });

  test('by replacing it, and by force', async () => {
    await create('replaced');
    const { metadata } = await get('replaced');
    await kubectl.pipe(manifest('replaced', { seed: 5 }), 'replace', '-f', '-');
    expect((await get('replaced')).spec.seed).toBe(5);
    await kubectl.pipe(manifest('replaced', { seed: 6 }), 'replace', '--force', '-f', '-');
    const after = await get('replaced');
    expect(after.spec.seed).toBe(6);
    expect(after.metadata.uid).not.toBe(metadata.uid);
  });

  test('by labels and annotations, which are no new generation', async () => {
    await create('labelled');
    await kubectl.run('label', 'tg', 'labelled', 'team=a');
    await kubectl.run('annotate', 'tg', 'labelled', 'why=because');
    const { metadata } = await get('labelled');
    expect(metadata).toMatchObject({
      labels: { team: 'a' },
      annotations: { why: 'because' },
      generation: 1,
    });
    await kubectl.run('label', 'tg', 'labelled', 'team-');
    expect((await get('labelled')).metadata.labels).toBeUndefined();
  });
});

describe('kubectl looks first', () => {
  test('with diff', async () => {
    await create('differing');
    const { code, stdout } = await kubectl.attempt(['diff', '-f', '-'], {
      input: manifest('differing', DELAY),
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^\+\s+milliseconds: 300$/m);
    expect(stdout).toMatch(/^\+\s+generation: 2$|^\+\s+generation: 2/m);
    const none = await kubectl.attempt(['diff', '-f', '-'], { input: manifest('differing') });
    expect(none.code).toBe(0);
  });

  test('with a dry run on the server, which validates and keeps nothing', async () => {
    const args = ['create', '--dry-run=server', '-f', '-'];
    expect(await kubectl.pipe(manifest('dry', DELAY), ...args, '-o', 'yaml')).toContain('seed: 0');
    const bad = await kubectl.attempt(args, { input: manifest('dry', { seed: -1 }) });
    expect(bad.stderr).toContain('spec.seed in body should be greater than or equal to 0');
    expect((await kubectl.attempt(['get', 'tg', 'dry'])).code).toBe(1);
  });
});

describe('kubectl wait', () => {
  test('sees a condition come true, and only that of the current generation', async () => {
    await create('awaited');
    await writeStatus('awaited', 'True');
    await kubectl.run('patch', 'tg', 'awaited', '--type=merge', '-p', '{"spec":{"seed":3}}');
    const waiting = kubectl.start('wait', 'tg/awaited', '--for=condition=Ready', '--timeout=20s');
    await writeStatus('awaited', 'True');
    expect(await waiting.ended).toBe(0);
  });

  test('sees a value', async () => {
    await create('valued', { seed: 4 });
    await kubectl.run('wait', 'tg/valued', '--for=jsonpath={.spec.seed}=4', '--timeout=5s');
  });

  test('sees a gate come and go', async () => {
    const coming = kubectl.start('wait', 'tg/coming', '--for=create', '--timeout=20s');
    await create('coming');
    expect(await coming.ended).toBe(0);
    const going = kubectl.start('wait', 'tg/coming', '--for=delete', '--timeout=20s');
    await kubectl.run('delete', 'tg', 'coming');
    expect(await going.ended).toBe(0);
  });

  test('gives up in time', async () => {
    await create('never');
    const { code, stderr } = await kubectl.attempt([
      'wait',
      'tg/never',
      '--for=condition=Ready',
      '--timeout=1s',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('timed out waiting for the condition');
  });
});

describe('kubectl delete', () => {
  test.each([
    ['a gate by name', ['tg', 'deleted']],
    ['one with its finalizer lifted later', ['tg', 'deleted', '--wait=false']],
    ['in the foreground', ['tg', 'deleted', '--cascade=foreground']],
  ])('%s', async (_, args) => {
    const holds = args.includes('--wait=false');
    await create('deleted', {}, holds ? { finalizers: ['test.example/hold'] } : {});
    expect(await kubectl.run('delete', ...args)).toContain('deleted');
    if (holds) {
      expect((await get('deleted')).metadata.deletionTimestamp).toBeDefined();
      await kubectl.run(
        'patch',
        'tg',
        'deleted',
        '--type=merge',
        '-p',
        '{"metadata":{"finalizers":null}}',
      );
    }
    expect((await kubectl.attempt(['get', 'tg', 'deleted'])).code).toBe(1);
  });

  test('all of a namespace', async () => {
    await kubectl.pipe(manifest('one'), 'create', '-n', 'crowd', '-f', '-');
    await kubectl.pipe(manifest('two'), 'create', '-n', 'crowd', '-f', '-');
    await kubectl.run('delete', 'tg', '--all', '-n', 'crowd');
    expect(await kubectl.run('get', 'tg', '-n', 'crowd', '-o', 'name')).toBe('');
  });
});

describe('kubectl tells what happened', () => {
  beforeAll(async () => {
    await create('eventful', DELAY);
    const { metadata } = await get('eventful');
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'eventful.1', namespace: 'default' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      type: 'Normal',
      reason: 'Programmed',
      action: 'Program',
      note: 'In force: toClient delay 300ms',
      reportingController: 'chaosgate.dev/operator',
      reportingInstance: 'test',
      regarding: {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        name: 'eventful',
        namespace: 'default',
        uid: metadata.uid,
      },
    };
    const path = '/apis/events.k8s.io/v1/namespaces/default/events';
    const { code } = await server.client.send('POST', path, {}, JSON.stringify(event));
    expect(code).toBe(201);
  });

  test('in describe', async () => {
    const text = await kubectl.run('describe', 'tg', 'eventful');
    expect(text).toMatch(/Delay:\s+Jitter Milliseconds:\s+0\s+Milliseconds:\s+300/);
    expect(text).toMatch(/Normal\s+Programmed\s+.*In force: toClient delay 300ms/);
  });

  test('in events', async () => {
    const row = /Normal\s+Programmed\s+TcpGate\/eventful\s+In force: toClient delay 300ms/;
    expect(await kubectl.run('events', '--for=tcpgate/eventful')).toMatch(row);
    expect(await kubectl.run('get', 'events')).toMatch(/Programmed\s+tcpgate\/eventful\s+In force/);
    expect(await kubectl.run('get', 'events.events.k8s.io')).toContain('tcpgate/eventful');
  });
});
