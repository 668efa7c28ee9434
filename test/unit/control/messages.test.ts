import { expect, test } from 'vitest';
import { faultsText } from '../../../src/api/text.ts';
import { fitting, proxyMessage } from '../../../src/control/messages.ts';
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
