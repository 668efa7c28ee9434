import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Admission } from '../../../src/gate/admission.ts';

let changes: (string | undefined)[];
let admission: Admission;

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
  admission = new Admission({ limit: 1, onChange: () => changes.push(admission.overLimit) });
});
afterEach(() => {
  admission.close();
  vi.useRealTimers();
});

test('a client too many is told of for half a minute after the last one, once', () => {
  expect(admission.admit(new Socket())).toBe(true);
  expect(admission.overLimit).toBeUndefined();
  for (let count = 0; count < 5; count += 1) {
    expect(admission.admit(new Socket())).toBe(false);
    vi.advanceTimersByTime(29_999);
  }
  expect(changes).toEqual([
    expect.stringContaining('all connections that spec.maxConnections allows (1)'),
  ]);
  vi.advanceTimersByTime(1);
  expect(changes.slice(1)).toEqual([undefined]);
});

test('a client counts until its socket is closed', () => {
  const client = new Socket();
  admission.admit(client);
  client.emit('close');
  expect(admission.admit(new Socket())).toBe(true);
  expect(admission.admit(new Socket())).toBe(false);
});
