/** Who the client is to the server, and the server to the client; certificates and tokens change while it runs. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import { Authority, type KeyPair } from './support/authority.ts';
import { CONFIG_MAPS, configMap } from './support/objects.ts';
import { plainConfig, type ScriptedApi, scriptedApi } from './support/scriptedApi.ts';

const REF = { namespace: 'test', name: 'a' };

let folder: string;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-kube-'));
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

function open(config: KubeConfig): Kube {
  const kube = new Kube(config, { userAgent: 'test/1' });
  closers.push(() => kube.close());
  return kube;
}

async function serve(tls?: Parameters<typeof scriptedApi>[0]): Promise<ScriptedApi> {
  const api = await scriptedApi(tls);
  closers.push(() => api.close());
  return api;
}

/** The request that the server gets when the client asks; the answer is awaited. */
async function asked(kube: Kube, api: ScriptedApi) {
  const got = kube.get(CONFIG_MAPS, REF);
  const request = await Promise.race([api.next(), got.then(() => expect.fail('Not asked'))]);
  request.json(configMap('a', 1));
  await got;
  return request;
}

describe('the token', () => {
  const seen = async (kube: Kube, api: ScriptedApi) =>
    (await asked(kube, api)).headers.authorization;

  test('of a file is read again when the server refuses it', async () => {
    const api = await serve();
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'first\n');
    const authProvider = { name: 'tokenFile', config: { tokenFile } };
    const kube = open(plainConfig(`http://127.0.0.1:${api.port}`, { authProvider }));
    expect(await seen(kube, api)).toBe('Bearer first');

    await writeFile(tokenFile, 'second\n');
    const refused = kube.get(CONFIG_MAPS, REF).catch((error: unknown) => error);
    (await api.next()).refuse(401, 'Unauthorized');
    expect(await refused).toMatchObject({ status: 401 });
    expect(await seen(kube, api)).toBe('Bearer second');
  });

  test('of an exec plugin is asked for once, and again when the server refuses it', async () => {
    const api = await serve();
    const calls = join(folder, 'calls');
    const script = `
      require('node:fs').appendFileSync(${JSON.stringify(calls)}, 'x');
      const calls = require('node:fs').readFileSync(${JSON.stringify(calls)}, 'utf8').length;
      const status = { token: 'token-' + calls };
      console.log(JSON.stringify({ kind: 'ExecCredential', status }));`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
    };
    const kube = open(plainConfig(`http://127.0.0.1:${api.port}`, { exec }));
    // Together, as when a process starts.
    const first = [kube.get(CONFIG_MAPS, REF), kube.get(CONFIG_MAPS, REF)];
    for (const _ of first) (await api.next()).json(configMap('a', 1));
    await Promise.all(first);
    expect(await seen(kube, api)).toBe('Bearer token-1');

    const refused = kube.get(CONFIG_MAPS, REF).catch((error: unknown) => error);
    (await api.next()).refuse(401, 'Unauthorized');
    await refused;
    expect(await seen(kube, api)).toBe('Bearer token-2');
    expect(await readFile(calls, 'utf8')).toBe('xx');
  });

  test('that is not available fails the request, and says why', async () => {
    const api = await serve();
    const exec = {
      command: process.execPath,
      args: ['-e', 'console.error("no luck"); process.exit(3)'],
    };
    const kube = open(plainConfig(`http://127.0.0.1:${api.port}`, { exec }));
    await expect(kube.get(CONFIG_MAPS, REF)).rejects.toMatchObject({
      name: 'KubeConnectionError',
      message: expect.stringContaining('no luck'),
    });
    expect(api.untaken).toBe(0);
  });

  test('can be a name and a password', async () => {
    const api = await serve();
    const user = { username: 'me', password: 'se:cret' };
    const kube = open(plainConfig(`http://127.0.0.1:${api.port}`, user));
    expect(await seen(kube, api)).toBe(`Basic ${Buffer.from('me:se:cret').toString('base64')}`);
  });
});

describe('over TLS', () => {
  let keys: string;
  let authority: Authority;
  let other: Authority;
  let server: KeyPair;
  let otherServer: KeyPair;
  let user: KeyPair;

  beforeAll(async () => {
    keys = await mkdtemp(join(tmpdir(), 'chaosgate-keys-'));
    authority = await new Authority(keys, 'authority').create();
    other = await new Authority(keys, 'other').create();
    server = await authority.server('server');
    otherServer = await other.server('other-server');
    user = await authority.client('user');
    return () => rm(keys, { recursive: true });
  });

  function config(port: number, caFile: string, credentials: object = {}): KubeConfig {
    const made = plainConfig(`https://127.0.0.1:${port}`, credentials);
    made.clusters = made.clusters.map((cluster) => ({ ...cluster, caFile }));
    return made;
  }

  test('a server of the own authority is trusted, and gets the token of the service account', async () => {
    const api = await serve({ cert: server.cert, key: server.key });
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'secret');
    const authProvider = { name: 'tokenFile', config: { tokenFile } };
    const kube = open(config(api.port, authority.certFile, { authProvider }));
    expect((await asked(kube, api)).headers.authorization).toBe('Bearer secret');
  });

  test('a server of another authority gets nothing', async () => {
    const api = await serve({ cert: otherServer.cert, key: otherServer.key });
    const kube = open(config(api.port, authority.certFile, { token: 'secret' }));
    await expect(kube.get(CONFIG_MAPS, REF)).rejects.toMatchObject({
      name: 'KubeConnectionError',
      cause: { code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) },
    });
    expect(api.untaken).toBe(0);
  });

  test('a client certificate is shown', async () => {
    const ca = await readFile(authority.certFile);
    const api = await serve({ cert: server.cert, key: server.key, ca, requestCert: true });
    const { certFile, keyFile } = user;
    const kube = open(config(api.port, authority.certFile, { certFile, keyFile }));
    const socket = (await asked(kube, api)).socket as TLSSocket;
    expect(socket.getPeerCertificate().subject.CN).toBe('user');
  });

  test('a new authority in the file is used, while watches go on over the old connection', async () => {
    const api = await serve({ cert: server.cert, key: server.key });
    const caFile = join(folder, 'ca.crt');
    await copyFile(authority.certFile, caFile);
    const kube = open(config(api.port, caFile));
    const stopping = new AbortController();
    const options = { resourceVersion: '1', timeoutSeconds: 300 };
    const events = kube.watch(CONFIG_MAPS, options, stopping.signal);
    const first = events.next();
    const watch = await api.next();
    watch.open();
    await asked(kube, api);

    api.renew({ cert: otherServer.cert, key: otherServer.key });
    await copyFile(other.certFile, caFile);
    const socket = (await asked(kube, api)).socket as TLSSocket;
    expect(socket.getCertificate()).toMatchObject({ subject: { CN: 'other-server' } });
    watch.event('ADDED', configMap('a', 2));
    expect((await first).value).toEqual({ type: 'ADDED', object: configMap('a', 2) });
    stopping.abort();
    await events.next();
  });
});
