import { describe, expect, test } from 'vitest';
import {
  errorFromResponse,
  errorFromWatch,
  isAlreadyExists,
  isConflict,
  isGone,
  isNotFound,
  KubeConnectionError,
} from '../../../src/kube/errors.ts';
import { status } from './support/scriptedApi.ts';

const refused = (code: number, reason: string, retryAfter?: string) =>
  errorFromResponse(code, JSON.stringify(status(code, reason)), retryAfter, 'GET /x');

describe('the error of an answer', () => {
  test('can be told by its kind', () => {
    const kinds = (error: unknown) =>
      [isNotFound, isAlreadyExists, isConflict, isGone].map((is) => is(error));
    expect(kinds(refused(404, 'NotFound'))).toEqual([true, false, false, false]);
    expect(kinds(refused(409, 'AlreadyExists'))).toEqual([false, true, false, false]);
    expect(kinds(refused(409, 'Conflict'))).toEqual([false, false, true, false]);
    expect(kinds(refused(410, 'Expired'))).toEqual([false, false, false, true]);
    expect(kinds(new KubeConnectionError('x', 'y'))).toEqual([false, false, false, false]);
  });

  test.each([
    ['7', 7],
    ['100000', 300],
    ['-1', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [undefined, undefined],
  ])('with Retry-After %s asks to wait for %s seconds', (header, seconds) => {
    expect(refused(429, 'TooManyRequests', header).retryAfterSeconds).toBe(seconds);
  });

  test('may have the time to wait in its body', () => {
    const body = { ...status(504, 'Timeout'), details: { retryAfterSeconds: 1 } };
    const error = errorFromResponse(504, JSON.stringify(body), undefined, 'GET /x');
    expect(error.retryAfterSeconds).toBe(1);
  });

  test.each([['<html>'], [''], ['{"kind":"Pod"}'], ['null']])('can have any body: %s', (body) => {
    const error = errorFromResponse(500, body, undefined, 'GET /x');
    expect(error).toMatchObject({
      status: 500,
      reason: '',
      message: 'The API server answered HTTP 500',
    });
  });

  test('is kept short, and ends as it did', () => {
    const body = { ...status(500, 'InternalError'), message: `${'x'.repeat(100_000)}: why` };
    const { message } = errorFromWatch(body, 'WATCH /x');
    expect(message).toHaveLength(1024);
    expect(message).toMatch(/^xxx.*: why$/);
  });

  test('says what is wrong with which field', () => {
    const causes = [
      { reason: 'FieldValueInvalid', message: 'Invalid value: -1', field: 'spec.port' },
      { message: 7 },
      'nothing',
    ];
    const body = { ...status(422, 'Invalid'), details: { causes } };
    expect(errorFromResponse(422, JSON.stringify(body), undefined, 'POST /x').causes).toEqual([
      { field: 'spec.port', message: 'Invalid value: -1' },
      { field: '', message: '' },
    ]);
  });

  test.each([undefined, {}, { causes: 'none' }])('may have no causes: %j', (details) => {
    const body = JSON.stringify({ ...status(422, 'Invalid'), details });
    expect(errorFromResponse(422, body, undefined, 'POST /x').causes).toEqual([]);
  });
});
