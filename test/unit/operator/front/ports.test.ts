import { describe, expect, test } from 'vitest';
import {
  frontPorts,
  ownPorts,
  privilegedFrom,
  snapshotPorts,
} from '../../../../src/operator/front/ports.ts';
import type { ServicePort } from '../../../../src/operator/front/service.ts';

function aPort(port: number, changes: Partial<ServicePort> = {}): ServicePort {
  return { protocol: 'TCP', port, targetPort: port, ...changes };
}

describe('a port of a Service', () => {
  test('with a number as its target is served under that number', () => {
    const [port] = frontPorts([aPort(80, { name: 'web', targetPort: 8080 })], undefined);
    expect(port).toEqual({
      name: 'web',
      port: 80,
      targetPort: 8080,
      listen: 8080,
      containerPortName: undefined,
      faults: true,
    });
  });

  test('without a target has its own number', () => {
    const [port] = frontPorts([{ port: 5432 }], undefined);
    expect(port).toMatchObject({ targetPort: 5432, listen: 5432 });
  });

  test('with a name as its target is served under a free number above 1023', () => {
    const ports = frontPorts(
      [aPort(6379, { targetPort: 'redis' }), aPort(10_000), aPort(9121, { targetPort: 'metrics' })],
      undefined,
    );
    expect(ports.map(({ listen, containerPortName }) => [listen, containerPortName])).toEqual([
      [10_001, 'redis'],
      [10_000, undefined],
      [10_002, 'metrics'],
    ]);
  });

  test('that shares a named target shares its number', () => {
    const ports = frontPorts(
      [aPort(80, { targetPort: 'web' }), aPort(8080, { targetPort: 'web' })],
      undefined,
    );
    expect(ports.map(({ listen }) => listen)).toEqual([10_000, 10_000]);
  });

  test('that is no TCP port is left out', () => {
    expect(frontPorts([aPort(53, { protocol: 'UDP' }), aPort(53)], undefined)).toHaveLength(1);
  });
});

describe('faults touch', () => {
  const service = [aPort(80, { name: 'web' }), aPort(443, { name: 'tls' })];
  const touched = (asked: readonly string[] | undefined) =>
    frontPorts(service, asked).flatMap(({ name, faults }) => (faults ? name : []));

  test('all ports where none is named', () => expect(touched(undefined)).toEqual(['web', 'tls']));
  test('a port by its name', () => expect(touched(['tls'])).toEqual(['tls']));
  test('a port by its number', () => expect(touched(['80'])).toEqual(['web']));
});

test("a gate's own ports are the first two free ones from 15000", () => {
  expect(ownPorts(frontPorts([aPort(5432)], undefined))).toEqual({ control: 15_000, http: 15_001 });
  const taken = frontPorts([aPort(15_000), aPort(15_002)], undefined);
  expect(ownPorts(taken)).toEqual({ control: 15_001, http: 15_003 });
});

test('a proxy gets each port that it listens on once', () => {
  const ports = frontPorts([aPort(80, { targetPort: 8080 }), aPort(443), aPort(8080)], ['443']);
  expect(snapshotPorts(ports)).toEqual([
    { listen: 8080, upstream: 80, faults: false },
    { listen: 443, upstream: 443, faults: true },
  ]);
});

test.each([
  [[5432], undefined],
  [[1024], undefined],
  [[443, 80], 80],
  [[5432, 1023], 1023],
])('of the ports %j a process without privileges may listen from %s on', (numbers, from) => {
  expect(
    privilegedFrom(
      frontPorts(
        numbers.map((port) => aPort(port)),
        undefined,
      ),
    ),
  ).toBe(from);
});
