import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Admission } from '../../../src/gate/admission.ts';
import { GateSockets } from '../../../src/gate/gateSockets.ts';

let changes: (string | undefined)[];
let admission: Admission;
let sockets: GateSockets;

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
  sockets = new GateSockets({ openFiles: 70, limit: 5, listeners: 1 });
  admission = new Admission({
    limit: 1,
    sockets,
    onChange: () => changes.push(admission.overLimit),
  });
});
afterEach(() => {
  admission.close();
  vi.useRealTimers();
});

test('a client too many is reported for half a minute after the last one, once', () => {
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

test('a client counts until what keeps its place is done, too', () => {
  const client = new Socket();
  admission.admit(client);
  const leave = admission.keep(client);
  client.emit('close');
  expect(admission.admit(new Socket())).toBe(false);
  leave();
  expect(admission.admit(new Socket())).toBe(true);
});

test('no gate takes more sockets than its process has for gates', () => {
  admission.limit = 10;
  const clients = [new Socket(), new Socket()];
  expect(clients.map((client) => admission.admit(client))).toEqual([true, true]);
  expect(admission.admit(new Socket())).toBe(false);
  expect(admission.overLimit).toContain('its limit of 70 open files allows (2)');
  clients[0]?.emit('close');
  expect(sockets.connect()).toBe(true);
  expect(admission.admit(new Socket())).toBe(false);
  sockets.disconnect();
  expect(admission.admit(new Socket())).toBe(true);
});
