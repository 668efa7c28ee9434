import { describe, expect, test } from 'vitest';
import { exitWithRest, kubectlArguments } from '../../../src/cli/arguments.ts';
import { awaited } from '../../../src/cli/gates/condition.ts';
import { namesIn } from '../../../src/cli/gates/names.ts';
import { durationOption } from '../../../src/cli/optionValues.ts';

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
  ['-1s', -1_000],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(durationOption(text)).toBe(milliseconds);
});

test.each(['', '30', 's', '-1', '1 s', '1d'])('"%s" is no length of time', (text) => {
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
    expect(namesIn(line.split(' ')).names).toEqual(names);
  });

  test.each([
    ['pods', /not "pods"/],
    ['pods/a', /not "pods"/],
    ['tg/a b', /there is no need to specify a resource type/],
    ['tg a tg/b', /there is no need to specify a resource type/],
    ['tg/', /must have a single resource and name/],
    ['tg/a/b', /may not have more than one slash/],
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
    ['jsonpath=status.faults=toClient drop', gate(1, 1), true],
    ['jsonpath={.status.conditions[?(@.type=="Programmed")].status}=True', gate(1, 1), true],
    ['condition=Programmed', undefined, false],
    ['condition=', gate(1, 1), false],
  ])('%s of %j: %j', (text, object, isMet) => {
    const goal = awaited(text);
    expect(typeof goal === 'function' && goal(object)).toBe(isMet);
  });

  test.each(['delete', 'Create'])('%s', (text) => {
    expect(awaited(text)).toBe(text.toLowerCase());
  });

  test.each([
    ['', 'unrecognized condition: ""'],
    ['Ready', 'unrecognized condition: "Ready"'],
    ['condition', 'unrecognized condition: "condition"'],
    ['jsonpath={.a', "unexpected path string, expected a 'name1.name2'"],
    ['jsonpath={.a[}', 'unterminated array'],
    ['jsonpath={.a}=', 'jsonpath wait has to have a value after equal sign'],
    ['jsonpath={.a}=b=c', 'jsonpath wait format must be'],
  ])('"%s" is refused', (text, why) => {
    expect(() => awaited(text)).toThrow(why);
  });
});

describe('the forms of kubectl', () => {
  test.each([
    ['get tg -o=name', 'get tg -o name'],
    ['get tg -o=jsonpath={.a}=b', 'get tg -o jsonpath={.a}=b'],
    ['get -w=true --watch-only=false -A=false', 'get -w'],
    ['get --no-headers=true --ignore-not-found=true', 'get --no-headers --ignore-not-found'],
    ['get --no-headers=false', 'get'],
    ['delete --wait=false --all=true', 'delete --no-wait --all'],
    ['delete --wait=true', 'delete'],
    ['get -- -o=name', 'get -- -o=name'],
    ['up -f=x', 'up -f=x'],
  ])('%s is %s', (theirs, ours) => {
    expect(kubectlArguments(theirs.split(' '))).toEqual(ours.split(' '));
  });
});
