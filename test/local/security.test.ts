/** Who is let in, and what happens to who is not. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeKubeconfig, writeKubeconfig } from '../../src/local/kubeconfig.ts';
import { type LocalServer, startServer } from './support/server.ts';

let server: LocalServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.stop();
  expect(server.errors).toEqual([]);
});

interface Reply {
  readonly code: number;
  readonly status: { readonly reason?: string; readonly message?: string };
}

function ask(headers: Record<string, string>, method = 'GET', body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { url, certificate } = server.api;
    const sent = request(
      new URL('/apis/chaosgate.dev/v1alpha1/tcpgates', url),
      // The certificate is for the address, whatever the Host header says.
      { method, ca: certificate, headers, agent: false, servername: 'localhost' },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, status: JSON.parse(text) as Reply['status'] }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const bearer = () => ({ authorization: `Bearer ${server.api.token}` });

describe('a request is refused', () => {
  test.each([
    ['without a token', {}],
    ['with another token', { authorization: 'Bearer another' }],
    ['with an empty one', { authorization: 'Bearer ' }],
    ['with a token of the same length', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['with another scheme', { authorization: 'Basic YTpi' }],
  ])('%s', async (_, headers) => {
    expect(await ask(headers)).toMatchObject({ code: 401, status: { reason: 'Unauthorized' } });
  });

  test.each(['evil.example', 'evil.example:443', '127.0.0.1.evil.example', '10.0.0.1:1'])(
    'when a page had its own name "%s" resolve to this machine',
    async (host) => {
      expect(await ask({ ...bearer(), host })).toMatchObject({
        code: 403,
        status: { reason: 'Forbidden', message: expect.stringContaining('answers to localhost') },
      });
    },
  );

  test('when a web page sends it, even with the token', async () => {
    const { code, status } = await ask({ ...bearer(), origin: 'https://evil.example' });
    expect([code, status.message]).toEqual([403, 'web pages have no access to this API']);
    expect((await ask({ ...bearer(), origin: 'null' }, 'OPTIONS')).code).toBe(403);
  });

  test('before its body is looked at', async () => {
    expect((await ask({}, 'POST', 'x'.repeat(100_000))).code).toBe(401);
  });
});

test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('%s is this machine', async (host) => {
  expect((await ask({ ...bearer(), host: `${host}:1234` })).code).toBe(200);
});

test('plain HTTP gets no answer', async () => {
  const { hostname, port } = new URL(server.api.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.on('close', resolve));
  expect(answer).not.toContain('HTTP/1.1 200');
});

test('nobody but this machine reaches it', () => {
  expect(new URL(server.api.url).hostname).toBe('127.0.0.1');
});

test('every start has a token and a certificate of its own', async () => {
  const other = await startServer();
  expect(other.api.token).not.toBe(server.api.token);
  expect(other.api.certificate).not.toBe(server.api.certificate);
  expect(server.api.token).toMatch(/^[\w-]{43}$/);
  await other.stop();
});

describe('the kubeconfig', () => {
  test('is for the eyes of its owner alone, and makes an older one safe', async () => {
    const path = join(server.folder, 'deep/in/kubeconfig');
    await writeKubeconfig(path, server.api);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writeFile(path, 'old', { mode: 0o644 });
    await writeKubeconfig(path, server.api);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toContain(server.api.token);
  });

  test('goes when it is ours, and stays when another start has written its own', async () => {
    const path = join(server.folder, 'shared');
    await writeKubeconfig(path, { ...server.api, token: 'of-another' });
    await removeKubeconfig(path, server.api);
    expect(await readFile(path, 'utf8')).toContain('of-another');
    await writeKubeconfig(path, server.api);
    await removeKubeconfig(path, server.api);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
    await removeKubeconfig(path, server.api);
  });
});
