import { describe, expect, test } from 'vitest';
import { targetsOf } from '../../../../src/cli/release/targets.ts';

const HELD = { finalizers: ['chaosgate.dev/release'] };

function gate(name: string, service: object | undefined, metadata: object = HELD) {
  return {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name, namespace: 'staging', uid: `uid-of-${name}`, ...metadata },
    spec: service === undefined ? {} : { service },
  };
}

function service(name: string, gate?: string) {
  const annotations =
    gate === undefined
      ? {}
      : { 'chaosgate.dev/fronted-by': JSON.stringify({ name: gate, uid: `uid-of-${gate}` }) };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'staging', annotations },
  };
}

describe('what there is to release', () => {
  test('a Service and the gate that it names are one', () => {
    const found = targetsOf(
      [service('postgres', 'chaos')],
      [gate('chaos', { name: 'postgres', drainSeconds: 5 })],
    );
    expect(found).toEqual([
      {
        namespace: 'staging',
        service: 'postgres',
        gate: { name: 'chaos', uid: 'uid-of-chaos' },
        drainSeconds: 5,
        isHeld: true,
      },
    ]);
  });

  test('a Service whose gate is gone, or is held by nothing, is taken back before the gate is deleted', () => {
    for (const gates of [[], [gate('chaos', { name: 'postgres' }, {})]]) {
      expect(targetsOf([service('postgres', 'chaos')], gates)).toMatchObject([
        { service: 'postgres', gate: { name: 'chaos' }, drainSeconds: 30, isHeld: false },
      ]);
    }
  });

  test('a gate that is held, and whose Service does not name it, is let go of', () => {
    expect(targetsOf([service('postgres')], [gate('chaos', { name: 'postgres' })])).toMatchObject([
      { service: 'postgres', gate: { name: 'chaos' }, isHeld: true },
    ]);
  });

  test('Services without a gate, and gates that nothing holds or that have an upstream, are none', () => {
    const gates = [gate('new', { name: 'postgres' }, {}), gate('plain', undefined)];
    expect(targetsOf([service('postgres'), service('redis')], gates)).toEqual([]);
  });

  test('a gate of the same name that came later is another one', () => {
    const later = gate('chaos', { name: 'postgres' }, { ...HELD, uid: 'later' });
    expect(targetsOf([service('postgres', 'chaos')], [later])).toMatchObject([
      { gate: { uid: 'later' }, isHeld: true },
      { gate: { uid: 'uid-of-chaos' }, isHeld: false },
    ]);
  });

  test('one Service of several can be chosen', () => {
    const services = [service('postgres', 'one'), service('redis', 'two')];
    expect(targetsOf(services, [], 'redis')).toMatchObject([
      { service: 'redis', gate: { name: 'two' } },
    ]);
  });
});
