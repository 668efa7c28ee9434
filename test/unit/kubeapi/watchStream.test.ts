import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { textIn } from '../../../src/json/json.ts';
import { streamWatch } from '../../../src/kubeapi/http/watchStream.ts';
import type { Watch, WatchEvent } from '../../../src/kubeapi/verbs/watch.ts';

/** A client that reads when the test says so. */
class Client extends EventEmitter {
  readonly lines: string[] = [];
  isReading = true;
  state: 'open' | 'ended' | 'destroyed' = 'open';

  write(line: string): boolean {
    this.lines.push(line);
    return this.isReading;
  }

  end(): void {
    this.state = 'ended';
    this.emit('close');
  }

  destroy(): void {
    this.state = 'destroyed';
    this.emit('close');
  }

  flushHeaders(): void {}
}

function event(type: WatchEvent['type'], name: string): WatchEvent {
  return { type, object: { name } };
}

function open(options: Partial<Watch> = {}) {
  const client = new Client();
  let send: (event: WatchEvent) => void = () => {};
  let isStopped = false;
  const watch: Watch = {
    timeoutSeconds: undefined,
    allowsBookmarks: false,
    bookmark: () => event('BOOKMARK', 'now'),
    start: (listener) => {
      send = listener;
      return () => {
        isStopped = true;
      };
    },
    ...options,
  };
  const line = ({ type, object }: WatchEvent) => `${type} ${textIn(object, 'name')}`;
  streamWatch(client as unknown as ServerResponse, { watch, line });
  return { client, send: (sent: WatchEvent) => send(sent), isStopped: () => isStopped };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a stream of events', () => {
  test('is written as it comes, and ends when its time is up', () => {
    const { client, send, isStopped } = open({ timeoutSeconds: 5 });
    send(event('ADDED', 'a'));
    vi.advanceTimersByTime(4_999);
    expect([client.lines, client.state]).toEqual([['ADDED a'], 'open']);
    vi.advanceTimersByTime(1);
    expect([client.state, isStopped()]).toEqual(['ended', true]);
  });

  test.each([undefined, 0, -1, 1e9])('of %s seconds ends after an hour', (timeoutSeconds) => {
    const { client } = open({ timeoutSeconds });
    vi.advanceTimersByTime(3_599_999);
    expect(client.state).toBe('open');
    vi.advanceTimersByTime(1);
    expect(client.state).toBe('ended');
  });

  test('tells how far it has come every minute, when that is allowed', () => {
    const { client } = open({ allowsBookmarks: true, timeoutSeconds: 150 });
    vi.advanceTimersByTime(150_000);
    expect(client.lines).toEqual(['BOOKMARK now', 'BOOKMARK now']);
  });

  test('waits for a client that does not read, and loses nothing', () => {
    const { client, send } = open();
    client.isReading = false;
    for (const name of ['a', 'b', 'c']) send(event('ADDED', name));
    expect(client.lines).toEqual(['ADDED a']);
    client.isReading = true;
    client.emit('drain');
    expect(client.lines).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
    client.destroy();
  });

  test('is cut off when the client is too far behind', () => {
    const { client, send, isStopped } = open();
    client.isReading = false;
    for (let count = 0; count < 20_000; count += 1) send(event('MODIFIED', 'a'));
    expect([client.state, isStopped()]).toEqual(['destroyed', true]);
  });

  test('ends after an error', () => {
    const { client, isStopped } = open({
      start: (send) => {
        send(event('ERROR', 'gone'));
        send(event('ADDED', 'a'));
        return () => {};
      },
    });
    expect([client.lines, client.state, isStopped()]).toEqual([['ERROR gone'], 'ended', false]);
  });

  test('lets go of everything when the client is gone', () => {
    const { client, isStopped } = open({ allowsBookmarks: true });
    client.destroy();
    expect(isStopped()).toBe(true);
  });
});
