import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Resolver } from '../../../src/gate/resolver.ts';

/** A name service that answers when it is told to. */
function service(options: { limit?: number; now?: () => number } = {}) {
  const running = new Map<string, PromiseWithResolvers<string[]>>();
  const asked: string[] = [];
  const lookup = (host: string) => {
    const answer = Promise.withResolvers<string[]>();
    running.set(host, answer);
    asked.push(host);
    return answer.promise;
  };
  return {
    asked,
    resolver: new Resolver({ lookup, limit: 8, ...options }),
    answer: (host: string, ...addresses: string[]) => running.get(host)?.resolve(addresses),
    fail: (host: string) => running.get(host)?.reject(new Error(`no ${host}`)),
  };
}

const turn = () => new Promise(setImmediate);

describe('a resolver', () => {
  test.each(['127.0.0.1', '::1', 'fe80::1'])('does not ask for the address %s', async (address) => {
    const { resolver, asked } = service();
    expect(await resolver.resolve(address)).toEqual([address]);
    expect(asked).toEqual([]);
  });

  test('asks once for all who ask at the same time', async () => {
    const { resolver, asked, answer } = service();
    const both = [resolver.resolve('db'), resolver.resolve('db')];
    await turn();
    answer('db', '10.0.0.1', '10.0.0.2');
    expect(await Promise.all(both)).toEqual([
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '10.0.0.2'],
    ]);
    expect(asked).toEqual(['db']);
  });

  test('knows an answer for a second, then asks again', async () => {
    let now = 0;
    const { resolver, asked, answer } = service({ now: () => now });
    const first = resolver.resolve('db');
    await turn();
    answer('db', '10.0.0.1');
    await first;
    now = 999;
    expect(await resolver.resolve('db')).toEqual(['10.0.0.1']);
    now = 1_000;
    const second = resolver.resolve('db');
    await turn();
    answer('db', '10.0.0.2');
    expect(await second).toEqual(['10.0.0.2']);
    expect(asked).toEqual(['db', 'db']);
  });

  test('does not remember that there was no answer', async () => {
    const { resolver, answer, fail } = service();
    const first = resolver.resolve('db');
    await turn();
    fail('db');
    await expect(first).rejects.toThrow('no db');
    const second = resolver.resolve('db');
    await turn();
    answer('db', '10.0.0.1');
    expect(await second).toEqual(['10.0.0.1']);
  });

  test('asks for so many names at once, the others wait for their turn in order', async () => {
    const { resolver, asked, answer, fail } = service({ limit: 2 });
    const all = ['a', 'b', 'c', 'd', 'e'].map((host) => resolver.resolve(host).catch(() => host));
    await turn();
    expect(asked).toEqual(['a', 'b']);
    answer('b', '10.0.0.2');
    await turn();
    expect(asked).toEqual(['a', 'b', 'c']);
    fail('c');
    await turn();
    fail('a');
    await turn();
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e']);
    answer('d', '10.0.0.4');
    answer('e', '10.0.0.5');
    expect(await Promise.all(all)).toEqual(['a', ['10.0.0.2'], 'c', ['10.0.0.4'], ['10.0.0.5']]);
  });

  test('leaves a thread to those who read files while names hang', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chaosgate-'));
    const paths = Array.from({ length: 12 }, (_, index) => join(folder, `${index}`));
    execFileSync('mkfifo', paths);
    // Like getaddrinfo(3) without an answer: open(2) of a FIFO keeps its thread until somebody writes (fifo(7)).
    const resolver = new Resolver({
      lookup: async (path) => {
        await (await open(path)).close();
        return [path];
      },
    });
    const hanging = paths.map((path) => resolver.resolve(path));
    expect(await readFile(import.meta.filename, 'utf8')).toContain('hang');
    for (const [index, path] of paths.entries()) {
      const writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      await hanging[index];
      closeSync(writer);
    }
    await rm(folder, { recursive: true });
  });
});
