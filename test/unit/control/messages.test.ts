import { expect, test } from 'vitest';
import { faultsText } from '../../../src/api/text.ts';
import { fitting, proxyMessage, snapshot } from '../../../src/control/messages.ts';
import { storedSnapshot } from '../../../src/control/storedSnapshot.ts';
import { gateConfig } from '../../../src/gate/config.ts';

/** Whether the operator takes a report with these fields. */
function isTaken(changes: object): boolean {
  const connections = { active: 0, accepted: 0 };
  const report = { instance: 'a', generation: 1, faults: 'none', connections, upstream: {} };
  return proxyMessage.safeParse({ type: 'report', report: { ...report, ...changes } }).success;
}

test('the faults of a spec fit a report, however much it says', () => {
  const rule = { pattern: 'p'.repeat(512), replacement: 'r'.repeat(1_024) };
  const direction = {
    substitute: Array(8).fill(rule),
    delay: { milliseconds: 1_000, jitterMilliseconds: 1_000 },
    slice: { maxBytes: 1_000, varianceBytes: 500, gapMilliseconds: 1_000 },
    limitTime: { milliseconds: 1_000, jitterMilliseconds: 1_000 },
    connectionsPercent: 50,
  };
  const upstream = { host: 'db', port: 5432 };
  const config = gateConfig.parse({ upstream, toServer: direction, toClient: direction });
  expect(isTaken({ faults: faultsText(config) })).toBe(true);
});

test('a message of the system fits a report, however it reads', () => {
  const message = 'Cannot listen\n\u001b[2J'.repeat(100);
  expect([isTaken({ listenError: message }), isTaken({ upstream: { message } })]).toEqual([
    false,
    false,
  ]);
  const said = fitting(message);
  expect([isTaken({ listenError: said }), isTaken({ upstream: { message: said } })]).toEqual([
    true,
    true,
  ]);
});

const CONFIG = gateConfig.parse({ upstream: { host: 'db', port: 5432 } });
const PORT = { listen: 5432, upstream: 5432, faults: true };

/** Where a snapshot with these fields is refused, and why; none: it is taken as it is, also when it is stored. */
function refusals(fields: object): string[] {
  const raw = { generation: 1, config: CONFIG, ...fields };
  const { data, error } = snapshot.safeParse(raw);
  if (error !== undefined) {
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  }
  expect(data).toEqual(raw);
  expect(storedSnapshot.parse(JSON.parse(JSON.stringify(raw)))).toEqual(raw);
  return [];
}

test('a snapshot may name the ports of the gate, and that it is released', () => {
  const ports = [PORT, { listen: 1_024, upstream: 1, faults: false }];
  expect(refusals({ ports, stop: 'Released' })).toEqual([]);
  const most = Array.from({ length: 100 }, (_, index) => ({ ...PORT, listen: 1_024 + index }));
  expect(refusals({ ports: most })).toEqual([]);
});

test.each<[string, object[], string]>([
  ['no port', [], 'ports: Too small'],
  [
    '101 ports',
    Array.from({ length: 101 }, (_, index) => ({ ...PORT, listen: 1_024 + index })),
    'ports: Too big',
  ],
  ['port 0', [{ ...PORT, listen: 0 }], 'ports.0.listen: Too small'],
  [
    'an upstream port that there is not',
    [{ ...PORT, upstream: 65_536 }],
    'ports.0.upstream: Too big',
  ],
  ['half a port', [{ ...PORT, listen: 80.5 }], 'ports.0.listen: Invalid input'],
  ['no word on faults', [{ listen: 1, upstream: 1 }], 'ports.0.faults: Invalid input'],
  [
    'a port twice',
    [PORT, { ...PORT, listen: 1 }, { ...PORT, upstream: 1 }],
    'ports.2.listen: Port 5432 is listened on already: give each entry a port of its own',
  ],
])('a snapshot with %s is refused, with the field', (_, ports, problem) => {
  expect(refusals({ ports })).toEqual([expect.stringContaining(problem)]);
});
