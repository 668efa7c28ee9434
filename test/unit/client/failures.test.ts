import { describe, expect, test } from 'vitest';
import * as client from '../../../src/client/client.ts';
import { failureOf, notProgrammed, tooFewConnections } from '../../../src/client/failures.ts';
import { KubeApiError, KubeConnectionError } from '../../../src/kube/errors.ts';
import { condition, GENERATION, gateObject } from './support.ts';

const GATE = 'here/postgres';

const refusal = (status: number, message = 'no', causes: client.FieldCause[] = []) =>
  new KubeApiError({ status, reason: 'Reason', message, causes, request: 'PATCH /gate' });

describe('a request fails', () => {
  test.each([
    [400, client.InvalidError],
    [401, client.ForbiddenError],
    [403, client.ForbiddenError],
    [404, client.GateNotFoundError],
    [422, client.InvalidError],
    [429, client.UnreachableError],
    [500, client.UnreachableError],
    [503, client.UnreachableError],
  ])('with the error of HTTP %i', (status, type) => {
    const error = failureOf(refusal(status, 'what the server said'), GATE);
    expect(error).toBeInstanceOf(type);
    expect(error).toBeInstanceOf(client.ChaosError);
    expect(error).toMatchObject({
      name: type.name,
      message: expect.stringContaining('what the server said'),
      cause: { status },
    });
  });

  test('as unreachable when nobody answers', () => {
    const error = failureOf(new KubeConnectionError('ECONNREFUSED', 'GET /gate'), GATE);
    expect(error).toBeInstanceOf(client.UnreachableError);
    expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });

  test('with the causes by field', () => {
    const causes = [{ field: 'spec.toServer.delay.milliseconds', message: 'too many' }];
    expect(failureOf(refusal(422, 'no', causes), GATE)).toMatchObject({ causes, gate: GATE });
  });

  test('with the unknown field alone, and not the whole object', () => {
    const dump = `TcpGate "" is invalid: patch: Invalid value: "{...}": strict decoding error: unknown field "spec.toServer.dealy"`;
    const causes = [{ field: 'patch', message: dump }];
    expect(failureOf(refusal(422, dump, causes), GATE)).toMatchObject({
      message: expect.stringMatching(/refused it: unknown field "spec.toServer.dealy"$/),
      causes: [{ field: 'spec.toServer.dealy', message: 'unknown field' }],
    });
  });

  test('with the reason of the signal that ended it', () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(failureOf(refusal(500), GATE, signal)).toBe(reason);
  });

  test('as it is, when it is nobody’s business', () => {
    const bug = new RangeError('bug');
    expect(failureOf(bug, GATE)).toBe(bug);
  });
});

test('a change that is not in force says what is, and why', () => {
  const gate = gateObject({}, { faults: 'toClient delay 300ms' });
  const why = { is: 'waiting', reason: 'ProxyUnreachable', message: 'No answer' } as const;
  const error = notProgrammed(GATE, GENERATION, gate, why, 500);
  expect(error.message).toBe(
    'Generation 7 of gate here/postgres did not come into force within 500 ms: No answer (ProxyUnreachable). In force: toClient delay 300ms',
  );
  expect(error).toMatchObject({
    reason: 'ProxyUnreachable',
    generation: GENERATION,
    inForce: 'toClient delay 300ms',
  });
});

test('who waits without success for connections hears that the upstream is away', () => {
  const message = 'connect ECONNREFUSED';
  const conditions = [condition('UpstreamReachable', 'False', { message })];
  const status = { address: '127.0.0.1:6432', connections: { active: 1, accepted: 9 }, conditions };
  expect(tooFewConnections(GATE, gateObject({}, status), 3, 500).message).toBe(
    'Gate here/postgres has 1 of 3 connections after 500 ms. Its upstream cannot be reached: connect ECONNREFUSED',
  );
});

test('who waits without success for connections hears where they should go, and what is in the way', () => {
  const status = { address: '127.0.0.1:6432', faults: 'newConnections Refuse' };
  expect(tooFewConnections(GATE, gateObject({}, status), 1, 500).message).toMatch(
    /127\.0\.0\.1:6432.*newConnections Refuse/,
  );
});
