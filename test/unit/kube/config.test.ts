import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { kubeConfigOfFile, kubeConfigOfText, loadKubeConfig } from '../../../src/kube/config.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-config-'));
  vi.stubEnv('HOME', folder);
  vi.stubEnv('KUBECONFIG', undefined);
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
  vi.stubEnv('KUBERNETES_SERVICE_PORT', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A kubeconfig in which everything has the one name. */
function kubeconfig(name: string, { user = {}, context = {}, server = `https://${name}` } = {}) {
  return stringify({
    'current-context': name,
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
  });
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe('the configuration', () => {
  test('is that of KUBECONFIG', async () => {
    await file('.kube/config', kubeconfig('home'));
    vi.stubEnv('KUBECONFIG', await file('named', kubeconfig('named')));
    const { config, namespace } = await loadKubeConfig();
    expect(config.getCurrentCluster()?.server).toBe('https://named');
    expect(namespace).toBe('default');
  });

  test('is that of the home folder, and has a namespace', async () => {
    await file('.kube/config', kubeconfig('home', { context: { namespace: 'mine' } }));
    const { config, namespace } = await loadKubeConfig();
    expect(config.getCurrentCluster()?.server).toBe('https://home');
    expect(namespace).toBe('mine');
  });

  test('is put together from several files, of which the first wins and one may be missing', async () => {
    const first = await file('first', kubeconfig('a', { server: 'https://first' }));
    const second = await file('second', kubeconfig('a', { server: 'https://second' }));
    const third = await file('third', kubeconfig('c'));
    const paths = [join(folder, 'missing'), first, second, third];
    vi.stubEnv('KUBECONFIG', paths.join(delimiter));
    const { config } = await loadKubeConfig();
    expect(config.getCurrentCluster()?.server).toBe('https://first');
    expect(config.contexts.map(({ name }) => name)).toEqual(['a', 'c']);
  });

  test('finds files beside the one that names them', async () => {
    const user = {
      'client-certificate': 'user.crt',
      'client-key': 'user.key',
      tokenFile: 'user.token',
    };
    await file('.kube/config', kubeconfig('home', { user }));
    const { config } = await loadKubeConfig();
    expect(config.getCurrentUser()).toMatchObject({
      certFile: join(folder, '.kube/user.crt'),
      keyFile: join(folder, '.kube/user.key'),
      authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, '.kube/user.token') } },
    });
  });

  test('may be of a server without TLS, such as `kubectl proxy`', async () => {
    await file('.kube/config', kubeconfig('home', { server: 'http://127.0.0.1:8001' }));
    const { config } = await loadKubeConfig();
    await expect(config.applyToHTTPSOptions({})).resolves.toBeUndefined();
  });

  test('is that of the pod, where there is no file', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443');
    const account = 'var/run/secrets/kubernetes.io/serviceaccount';
    await file(`${account}/token`, 'secret');
    await file(`${account}/namespace`, 'chaosgate-system\n');
    const { config, namespace } = await loadKubeConfig({ root: folder });
    expect(namespace).toBe('chaosgate-system');
    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://10.0.0.1:443',
      caFile: join(folder, account, 'ca.crt'),
    });
  });
});

describe('the configuration that is asked for', () => {
  test('is that of the file, whatever KUBECONFIG says', async () => {
    vi.stubEnv('KUBECONFIG', await file('named', kubeconfig('named')));
    const path = await file('asked', kubeconfig('asked', { context: { namespace: 'mine' } }));
    const { config, namespace } = await kubeConfigOfFile(path);
    expect(config.getCurrentCluster()?.server).toBe('https://asked');
    expect(namespace).toBe('mine');
  });

  test('is that of the text', () => {
    const { config } = kubeConfigOfText(kubeconfig('text'));
    expect(config.getCurrentCluster()?.server).toBe('https://text');
  });

  test('is an error with the path of the file when there is none', async () => {
    const path = join(folder, 'nowhere');
    await expect(kubeConfigOfFile(path)).rejects.toThrow(`Cannot read the kubeconfig ${path}: `);
  });

  test('is an error when the text is of something else', () => {
    expect(() => kubeConfigOfText('a: b')).toThrow(/no current context/);
  });
});

describe('without a configuration', () => {
  test('the error says what to do', async () => {
    await expect(loadKubeConfig({ root: folder })).rejects.toThrow(/Set KUBECONFIG/);
  });

  test('a file that is named and missing is not passed over', async () => {
    vi.stubEnv('KUBECONFIG', '/nowhere/config');
    await expect(loadKubeConfig({ root: folder })).rejects.toThrow(
      'KUBECONFIG names /nowhere/config, which does not exist',
    );
  });

  test.each([
    ['is empty', '', /no current context.*kubectl config use-context/],
    ['is no YAML', '{', /Cannot read the kubeconfig .*named: /],
    ['is of something else', '- a', /no current context/],
    [
      'names a context that is not there',
      kubeconfig('a').replace('current-context: a', 'current-context: b'),
      /no current context/,
    ],
    [
      'names a cluster that is not there',
      kubeconfig('a', { context: { cluster: 'b' } }),
      /no cluster "b", which context "a" names/,
    ],
  ])('a file that %s is named', async (_, text, message) => {
    vi.stubEnv('KUBECONFIG', await file('named', text));
    await expect(loadKubeConfig({ root: folder })).rejects.toThrow(message);
  });
});
