import { expect, test } from 'vitest';
import { KubeApiError, KubeConnectionError } from '../../../src/kube/errors.ts';
import { FailureLog } from '../../../src/operator/failureLog.ts';

function aLog() {
  const lines: Record<string, unknown>[] = [];
  const warn = (fields: object, message: string) => lines.push({ ...fields, message });
  return { lines, failures: new FailureLog({ warn } as never) };
}

const refused = () =>
  new KubeApiError({
    status: 403,
    reason: 'Forbidden',
    message: 'exceeded quota',
    request: 'PATCH /apis/apps/v1/namespaces/a/deployments/db-chaosgate',
  });

test('a reconcile that fails again and again is logged once, without a stack, and then counted', () => {
  const { lines, failures } = aLog();
  for (let times = 0; times < 11; times += 1)
    failures.failed('Failed to reconcile', refused(), 'a/db');
  expect(lines).toEqual([
    {
      message: 'Failed to reconcile',
      gates: ['a/db'],
      times: 1,
      err: {
        type: 'KubeApiError',
        message: 'exceeded quota',
        status: 403,
        reason: 'Forbidden',
        request: 'PATCH /apis/apps/v1/namespaces/a/deployments/db-chaosgate',
      },
    },
  ]);
  failures.stop();
  expect(lines[1]).toMatchObject({ gates: ['a/db'], times: 10 });
  expect(JSON.stringify(lines)).not.toContain('failureLog.test.ts');
});

test('other causes are logged on their own', () => {
  const { lines, failures } = aLog();
  failures.failed('Failed to reconcile', refused(), 'a/db');
  failures.failed('Failed to reconcile', new KubeConnectionError('No answer', 'GET /'), 'a/db');
  failures.failed('Watch failed', new KubeConnectionError('No answer', 'GET /'));
  expect(lines).toHaveLength(3);
  failures.stop();
  expect(lines).toHaveLength(3);
});

test('a mistake of the program keeps its stack', () => {
  const { lines, failures } = aLog();
  const mistake = new TypeError('x is not a function');
  failures.failed('Failed to reconcile', mistake, 'a/db');
  expect(lines[0]?.err).toBe(mistake);
  failures.stop();
});
