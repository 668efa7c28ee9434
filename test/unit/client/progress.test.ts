import { describe, expect, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import { disconnected, programmed, ready } from '../../../src/client/progress.ts';
import { condition, GENERATION, gateObject } from './support.ts';

const status = (fields: Partial<TcpGateStatus>): TcpGateStatus => ({
  observedGeneration: GENERATION,
  ...fields,
});

const PROGRAMMED = [condition('Programmed', 'True'), condition('Ready', 'True')];

describe('a generation is in force', () => {
  test('when Programmed is true of it', () => {
    const gate = gateObject({}, status({ conditions: PROGRAMMED }));
    expect(programmed(gate, GENERATION)).toEqual({ is: 'reached' });
  });

  test('when a later one is', () => {
    const gate = gateObject({}, status({ conditions: PROGRAMMED }));
    expect(programmed(gate, GENERATION - 1)).toEqual({ is: 'reached' });
  });

  test('although the gate is not ready for another reason', () => {
    const conditions = [condition('Programmed', 'True'), condition('Ready', 'False')];
    expect(programmed(gateObject({}, status({ conditions })), GENERATION)).toEqual({
      is: 'reached',
    });
  });
});

describe('a generation is waited for', () => {
  test('while there is no status', () => {
    expect(programmed(gateObject(), GENERATION)).toMatchObject({ reason: 'NotObserved' });
  });

  test('while Programmed speaks of the one before', () => {
    const old = condition('Programmed', 'True', { observedGeneration: GENERATION - 1 });
    const gate = gateObject({}, status({ conditions: [old] }));
    expect(programmed(gate, GENERATION)).toMatchObject({ is: 'waiting' });
  });

  test('while the status as a whole speaks of the one before', () => {
    const gate = gateObject({}, { observedGeneration: GENERATION - 1, conditions: PROGRAMMED });
    expect(programmed(gate, GENERATION)).toMatchObject({ is: 'waiting', reason: 'NotObserved' });
  });

  test('with the reason of the condition', () => {
    const reason = { reason: 'ProxyUnreachable', message: 'The proxy does not answer' };
    const conditions = [condition('Programmed', 'False', reason)];
    expect(programmed(gateObject({}, status({ conditions })), GENERATION)).toEqual({
      is: 'waiting',
      ...reason,
    });
  });

  test('while the port is not available: nobody gets to the gate', () => {
    const reason = { reason: 'ListenFailed', message: 'EADDRINUSE' };
    const conditions = [condition('Programmed', 'True'), condition('Ready', 'False', reason)];
    expect(programmed(gateObject({}, status({ conditions })), GENERATION)).toEqual({
      is: 'waiting',
      ...reason,
    });
  });
});

test.each([
  ['programmed', programmed],
  ['ready', ready],
])('%s cannot be reached when the gate is stalled', (_, progress) => {
  const reason = { reason: 'NameTaken', message: 'Service postgres is not ours' };
  const conditions = [condition('Ready', 'False', reason), condition('Stalled', 'True', reason)];
  expect(progress(gateObject({}, status({ conditions })), GENERATION)).toEqual({
    is: 'failed',
    ...reason,
  });
});

test('a gate is ready when Ready is true of the generation', () => {
  const gate = gateObject({}, status({ conditions: PROGRAMMED }));
  expect(ready(gate, GENERATION)).toEqual({ is: 'reached' });
  const conditions = [condition('Programmed', 'True'), condition('Ready', 'False')];
  expect(ready(gateObject({}, status({ conditions })), GENERATION)).toMatchObject({
    is: 'waiting',
  });
});

describe('a disconnect is done', () => {
  const asked = { disconnect: { nonce: 'ours' } };

  test('when its nonce is the last one run', () => {
    const done = status({ conditions: PROGRAMMED, disconnect: { nonce: 'ours' } });
    expect(disconnected(gateObject(asked, done), GENERATION, 'ours')).toEqual({ is: 'reached' });
  });

  test('not before, although the generation is in force', () => {
    const before = status({ conditions: PROGRAMMED, disconnect: { nonce: 'older' } });
    expect(disconnected(gateObject(asked, before), GENERATION, 'ours')).toMatchObject({
      is: 'waiting',
    });
  });

  test('never, when somebody else has asked for another one', () => {
    const other = status({ conditions: PROGRAMMED, disconnect: { nonce: 'theirs' } });
    const gate = gateObject({ disconnect: { nonce: 'theirs' } }, other);
    expect(disconnected(gate, GENERATION, 'ours')).toMatchObject({
      is: 'failed',
      reason: 'Overtaken',
    });
  });
});
