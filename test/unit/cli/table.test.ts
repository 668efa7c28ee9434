import { expect, test } from 'vitest';
import { GateTable } from '../../../src/cli/gates/table.ts';

test('a cell has one line and steers nothing, as kubectl has it', () => {
  const table = new GateTable({ isWide: false, hasNamespaces: false, hasHead: false });
  const gate = {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db' },
    status: { faults: 'a\x1b[2Jb\x9b1m\nfake   True' },
  };
  const [line] = table.lines([gate], 0);
  expect(line).toContain(String.raw`a^[[2Jb\u009b1m...`);
  expect(line).not.toContain('fake');
});

test('faults that are in force say what is left of their time, and others do not', () => {
  const table = new GateTable({ isWide: false, hasNamespaces: false, hasHead: false });
  const faultsEndTime = '2026-01-02T03:04:57Z';
  const gate = (status: string) => ({
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db' },
    status: { faults: 'drop', faultsEndTime, conditions: [{ type: 'FaultsActive', status }] },
  });
  const now = Date.parse('2026-01-02T03:04:05Z');
  const [active, over] = table.lines([gate('True'), gate('False')], now);
  expect(active).toContain('drop (52s left)');
  expect(over).toContain('drop ');
  expect(over).not.toContain('left');
});
