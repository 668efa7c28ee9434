/** docs/client.md names what there is: every method, every fault, every error, and everything of chaos.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as client from '../../../src/client/client.ts';
import { Direction } from '../../../src/client/direction.ts';
import { Gate } from '../../../src/client/gate.ts';
import { faults } from '../../../src/gate/faults/registry.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/client.md'), 'utf8');

/** Public names of userver's chaos.TcpGate at commit c2f43b4e8, those of faults without their direction. */
const CHAOS_PY = {
  gate: [
    'start',
    'stop',
    'start_accepting',
    'stop_accepting',
    'sockets_close',
    'get_sockname_for_clients',
    'info',
    'connections_count',
    'wait_for_connections',
    'set_to_server_interceptor',
    'set_to_client_interceptor',
  ],
  faults: [
    'pass',
    'noop',
    'drop',
    'delay',
    'close_on_data',
    'corrupt_data',
    'limit_bps',
    'limit_time',
    'smaller_parts',
    'concat_packets',
    'limit_bytes',
    'substitute',
  ],
};

const methodsOf = (type: { prototype: object }) =>
  Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor');

test.each([...CHAOS_PY.gate, ...CHAOS_PY.faults.map((name) => `to_server_${name}`)])(
  '%s of chaos.py has a row',
  (name) => {
    expect(text).toMatch(new RegExp(`^\\| [^|]*\`${name}\\(`, 'm'));
  },
);

test.each(Object.keys(faults))('the fault %s has a row, and is in the table of methods', (name) => {
  expect(text).toMatch(new RegExp(`^\\| \`${name}\\(`, 'm'));
});

describe('what it calls', () => {
  const calls = [...text.matchAll(/gate\.(?:(toServer|toClient|bothDirections)\.)?(\w+)\(/g)];

  test.each(calls.map(([call, direction, name = '']) => ({ call, direction, name })))(
    '$call) is there',
    ({ direction, name }) => {
      expect(methodsOf(direction === undefined ? Gate : Direction)).toContain(name);
    },
  );

  test('is all that a gate and a direction have', () => {
    const named = new Set([...text.matchAll(/\b(\w+)\(|gate\.(\w+)/g)].flat());
    const missing = [...methodsOf(Gate), ...methodsOf(Direction)].filter(
      (name) => !named.has(name),
    );
    expect(missing).toEqual([]);
  });
});

test.each(Object.keys(client).filter((name) => name.endsWith('Error') && name !== 'ChaosError'))(
  '%s has a row',
  (name) => {
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
  },
);
