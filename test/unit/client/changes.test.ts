import { describe, expect, test } from 'vitest';
import {
  disconnectChange,
  RESET,
  rearmChanges,
  specChange,
  takeOverChange,
} from '../../../src/client/changes.ts';
import { gateObject } from './support.ts';

const add = (path: string, value: unknown) => ({ op: 'add', path: `/spec/${path}`, value });

describe('a change is one patch, which', () => {
  test('replaces what it names, and leaves out what is not given', () => {
    expect(specChange({ toServer: { drop: {} }, toClient: undefined })).toEqual({
      operations: [add('toServer', { drop: {} })],
    });
  });

  test('resets faults and new connections, and no setting of the gate', () => {
    expect(RESET).toEqual({
      operations: [add('toServer', {}), add('toClient', {}), add('newConnections', 'Accept')],
    });
  });

  test('disconnects with a nonce that can be waited for', () => {
    expect(disconnectChange('n', { how: 'Reset', count: 2 })).toEqual({
      operations: [add('disconnect', { nonce: 'n', how: 'Reset', count: 2 })],
      nonce: 'n',
    });
  });

  test('refuses and disconnects at once', () => {
    const { operations } = disconnectChange('n', {}, 'Refuse') as { operations: object[] };
    expect(operations).toMatchObject([
      add('newConnections', 'Refuse'),
      { path: '/spec/disconnect' },
    ]);
  });
});

describe('a gate that is taken over', () => {
  const current = gateObject({
    upstream: { host: 'old', port: 1, connectTimeoutMilliseconds: 99 },
    toServer: { drop: {} },
    newConnections: 'Refuse',
    listen: { port: 7 },
  });

  test('gets the new upstream and loses its faults; what was not asked for stays', () => {
    const upstream = { host: 'new', port: 2 };
    expect(takeOverChange(current, { upstream })).toEqual({
      operations: [
        add('upstream', { ...upstream, connectTimeoutMilliseconds: 99 }),
        add('toServer', {}),
        add('toClient', {}),
        add('newConnections', 'Accept'),
      ],
    });
  });

  test('gets the faults that were asked for', () => {
    const asked = { upstream: { host: 'new', port: 2 }, toClient: { stall: {} }, seed: 3 };
    expect(takeOverChange(current, asked)).toMatchObject({
      operations: expect.arrayContaining([add('toClient', { stall: {} }), add('seed', 3)]),
    });
  });
});

describe('a gate in front of a Service that is taken over', () => {
  const service = { name: 'db', drainSeconds: 60, replicas: 2 };
  const current = gateObject({ upstream: undefined, service });

  test('keeps what cannot be changed of it, and has no upstream', () => {
    expect(takeOverChange(current, { service: { name: 'db' } })).toEqual({
      operations: [
        add('service', service),
        add('toServer', {}),
        add('toClient', {}),
        add('newConnections', 'Accept'),
      ],
    });
  });
});

describe('to arm faults again', () => {
  const spec = { toServer: { limitBytes: { bytes: 9 }, connectionsPercent: 50 } };
  const { spec: stored } = gateObject(spec);

  test('the direction stalls in between, on the same share of the connections', () => {
    expect(rearmChanges(gateObject(spec), ['toServer', 'toClient'])).toEqual([
      { operations: [add('toServer', { stall: {}, connectionsPercent: 50 })] },
      { operations: [add('toServer', stored.toServer)] },
    ]);
  });

  test('a direction without faults needs nothing', () => {
    expect(rearmChanges(gateObject(spec), ['toClient'])).toEqual([]);
  });
});
