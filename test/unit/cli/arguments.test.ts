import { describe, expect, test } from 'vitest';
import { durationOption } from '../../../src/cli/duration.ts';
import { exitWithRest } from '../../../src/cli/exitWithRest.ts';
import { awaited } from '../../../src/cli/gates/condition.ts';
import { namesIn } from '../../../src/cli/gates/names.ts';

describe('--exit-with', () => {
  test('takes the rest of the line, options included', () => {
    expect(exitWithRest(['up', '-f', 'a.yaml', '--exit-with', 'pytest', '-x', '-f', '--'])).toEqual(
      [
        ...['up', '-f', 'a.yaml', '--exit-with=pytest', '--exit-with=-x', '--exit-with=-f'],
        '--exit-with=--',
      ],
    );
  });

  test('is left to be complained of when nothing follows, and belongs to up alone', () => {
    expect(exitWithRest(['up', '--exit-with'])).toEqual(['up', '--exit-with']);
    expect(exitWithRest(['get', '--exit-with', 'x'])).toEqual(['get', '--exit-with', 'x']);
    expect(exitWithRest(['up'])).toEqual(['up']);
  });
});

test.each([
  ['0', 0],
  ['500ms', 500],
  ['1.5s', 1_500],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(durationOption(text)).toBe(milliseconds);
});

test.each(['', '30', 's', '-1s', '1 s', '1d'])('"%s" is no length of time', (text) => {
  expect(() => durationOption(text)).toThrow('Give a number with a unit');
});

describe('names of gates', () => {
  test.each([
    ['tg', []],
    ['tg a b', ['a', 'b']],
    ['tcpgates.chaosgate.dev a', ['a']],
    ['tg/a', ['a']],
    ['tg/a tcpgate/b', ['a', 'b']],
  ])('of "%s" are %j', (line, names) => {
    expect(namesIn(line.split(' '))).toEqual(names);
  });

  test.each([
    ['pods', /and not "pods"/],
    ['pods/a', /and not "pods"/],
    ['tg/a b', /and not "b"/],
    ['tg a tg/b', /not both/],
    ['tg/', /is no tg\/NAME/],
    ['tg/a/b', /is no tg\/NAME/],
  ])('"%s" is refused', (line, why) => {
    expect(() => namesIn(line.split(' '))).toThrow(why);
  });
});

describe('what is awaited', () => {
  const gate = (generation: number, observedGeneration: number, status = 'True') => ({
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db', generation },
    status: {
      faults: 'toClient drop',
      connections: { active: 4 },
      conditions: [{ type: 'Programmed', status, observedGeneration }],
    },
  });

  test.each([
    ['condition=Programmed', gate(3, 3), true],
    ['condition=programmed=true', gate(3, 3), true],
    ['condition=Programmed', gate(3, 2), false],
    ['condition=Programmed', gate(3, 3, 'False'), false],
    ['condition=Programmed=False', gate(3, 3, 'False'), true],
    ['condition=Ready', gate(3, 3), false],
    ['jsonpath={.status.connections.active}=4', gate(1, 1), true],
    ['jsonpath={.status.connections.active}=5', gate(1, 1), false],
    ['jsonpath={.status.faults}=toClient drop', gate(1, 1), true],
    ['jsonpath={.status.faults}', gate(1, 1), true],
    ['jsonpath={.status.address}', gate(1, 1), false],
    ['jsonpath=.status.faults=toClient drop', gate(1, 1), true],
    ['delete', gate(1, 1), false],
    ['delete', undefined, true],
    ['create', gate(1, 1), true],
    ['create', undefined, false],
    ['condition=Programmed', undefined, false],
  ])('%s of %j: %j', (text, object, isMet) => {
    expect(awaited(text).isMet(object)).toBe(isMet);
  });

  test.each(['', 'Ready', 'condition', 'condition=', 'jsonpath={.a[0]}'])(
    '"%s" is refused',
    (text) => {
      expect(() => awaited(text)).toThrow(/--for takes|Not understood/);
    },
  );
});
