/** What a method does not know is refused, by every method and every argument that has fields. */
import { describe, expect, test } from 'vitest';
import { Chaos } from '../../../src/client/chaos.ts';
import { connect } from '../../../src/client/connect.ts';
import { LOCAL_DELAYS } from '../../../src/client/counts.ts';
import { Direction } from '../../../src/client/direction.ts';
import { Gate } from '../../../src/client/gate.ts';
import { GateControl } from '../../../src/client/gateControl.ts';
import { GateWatch } from '../../../src/client/gateWatch.ts';
import type { Session } from '../../../src/client/session.ts';
import { chaosTest } from '../../../src/client/vitest.ts';
import { Kube } from '../../../src/kube/client.ts';
import { kubeConfigOfText } from '../../../src/kube/config.ts';
import { gateObject } from './support.ts';

/** Of a server that is not there: what gets as far as a request fails with another error. */
const config = kubeConfigOfText(`
clusters: [{ name: a, cluster: { server: 'http://127.0.0.1:1' } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
users: [{ name: a, user: {} }]
current-context: a
`).config;
const kube = new Kube(config, { userAgent: 'test' });
const watch = new GateWatch({ kube, namespace: 'here' });
watch.get = () => ({ gate: gateObject(), receivedAt: 0 });
const session: Session = {
  kube,
  watch,
  namespace: 'here',
  timeout: 100,
  delays: LOCAL_DELAYS,
  announce: () => {},
};
const chaos = new Chaos(session, undefined, async () => {});
const gate = new Gate(new GateControl(session, gateObject()), async () => {});

type Method = (...args: unknown[]) => Promise<unknown>;

/** What comes before the options of each method; undefined for those that take none. */
const BEFORE: Readonly<Record<string, readonly unknown[] | undefined>> = {
  'gate.set': [{}],
  'gate.reset': [],
  'gate.stopAccepting': [],
  'gate.startAccepting': [],
  'gate.disconnect': [],
  'gate.stop': [],
  'gate.start': [],
  'gate.connectionsCount': [],
  'gate.waitForConnections': [1],
  'gate.close': undefined,
  'direction.pass': [],
  'direction.set': [{}],
  'direction.merge': [{}],
  'direction.rearm': [],
  'direction.stall': [],
  'direction.drop': [],
  'direction.closeOnData': [],
  'direction.limitTime': [1],
  'direction.limitIdle': [1],
  'direction.limitBytes': [1],
  'direction.substitute': ['a', 'b'],
  'direction.corrupt': [],
  'direction.coalesce': [1],
  'direction.delay': [1],
  'direction.bandwidth': [1],
  'direction.slice': [1],
  'chaos.gate': ['a', { upstream: { host: 'a', port: 1 } }],
  'chaos.close': undefined,
};

const OWNERS = { gate, direction: gate.toServer, chaos } as const;

function methodsOf(type: { readonly prototype: object }): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name]) => name);
}

function call(path: string, ...args: unknown[]): Promise<unknown> {
  const [owner = '', name = ''] = path.split('.');
  const methods = OWNERS[owner as keyof typeof OWNERS] as unknown as Record<string, Method>;
  return methods[name]?.(...args) ?? Promise.reject(new Error(`${path} is no method`));
}

/** Rejected, not thrown: who catches the one catches the other. */
async function refusal(path: string, ...args: unknown[]): Promise<string> {
  const error = await call(path, ...args).then(
    () => new Error('It was taken'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TypeError);
  return (error as TypeError).message;
}

const withOptions = Object.entries(BEFORE).flatMap(([path, before]) =>
  before === undefined ? [] : [{ path, before, name: path.split('.')[1] ?? '' }],
);

test('every method is looked at', () => {
  expect(Object.keys(BEFORE).sort()).toEqual(
    [
      ...methodsOf(Gate).map((name) => `gate.${name}`),
      ...methodsOf(Direction).map((name) => `direction.${name}`),
      ...methodsOf(Chaos).map((name) => `chaos.${name}`),
    ].sort(),
  );
});

describe.each(withOptions)('$path', ({ path, before, name }) => {
  test('refuses an option that it does not know', async () => {
    expect(await refusal(path, ...before, { timeuot: 1 })).toMatch(
      new RegExp(
        `^${name}\\(\\) has no option "timeuot"\\. Did you mean timeout\\? It takes .*signal`,
      ),
    );
  });

  test.each([50, 'fast', null, [1]])('refuses %j in place of options', async (wrong) => {
    expect(await refusal(path, ...before, wrong)).toContain(
      `${name}() takes its options as an object`,
    );
  });

  test.each([0, -1, '5', Number.NaN])('refuses a timeout of %j', async (timeout) => {
    expect(await refusal(path, ...before, { timeout })).toMatch(/^timeout must be/);
  });

  test('refuses a signal that is none', async () => {
    expect(await refusal(path, ...before, { signal: true })).toBe(
      'signal must be an AbortSignal, not true',
    );
  });

  test('takes what it knows', async () => {
    const error: unknown = await call(path, ...before, { timeout: 5 }).catch((reason) => reason);
    expect(error).not.toBeInstanceOf(TypeError);
  });
});

test('the option of another tool leads to ours', async () => {
  expect(await refusal('direction.drop', { toxicity: 0.5 })).toBe(
    'drop() has no option "toxicity". Did you mean connectionsPercent? It takes connectionsPercent, for, timeout, signal',
  );
});

test('what is like nothing that there is gets the list', async () => {
  expect(await refusal('direction.delay', 1, { zzz: 1 })).toBe(
    'delay() has no option "zzz". It takes jitter, jitterMilliseconds, connectionsPercent, for, timeout, signal',
  );
});

test('an option that two names are given for is refused', async () => {
  expect(await refusal('direction.delay', 1, { jitter: 1, jitterMilliseconds: 1 })).toBe(
    'delay() got jitterMilliseconds twice, under two names: omit one of them',
  );
});

test.each([
  ['direction.delay', [], 'delay() takes milliseconds as a number, not undefined'],
  ['direction.delay', ['100'], 'delay() takes milliseconds as a number, not "100"'],
  ['direction.slice', [Number.NaN], 'slice() takes maxBytes as a number, not NaN'],
  ['direction.coalesce', [{ minBytes: 1 }], 'coalesce() takes minBytes as a number, not an object'],
  ['direction.substitute', ['a'], 'substitute() takes a pattern and its replacement, or a list'],
  ['direction.substitute', [{ pattern: 'a' }], 'substitute() takes a pattern and its replacement'],
  [
    'direction.substitute',
    [[{ pattern: 'a', replace: 'b' }]],
    'rules[0] has no field "replace". Did you mean replacement?',
  ],
  ['direction.set', [{ dealy: {} }], 'faults has no field "dealy". Did you mean delay?'],
  ['direction.set', [{ latency: {} }], 'faults has no field "latency". Did you mean delay?'],
  ['direction.set', [undefined], 'faults must be an object, not undefined'],
  [
    'direction.merge',
    [{ delay: { jitter: 5 } }],
    'faults.delay has no field "jitter". Did you mean jitterMilliseconds?',
  ],
  ['gate.set', [{ delay: {} }], 'settings has no field "delay"'],
  [
    'gate.set',
    [{ toClient: { stal: {} } }],
    'settings.toClient has no field "stal". Did you mean stall?',
  ],
  ['gate.waitForConnections', [{ count: 1 }], 'waitForConnections() takes a count of connections'],
  ['chaos.gate', [5], 'The name of a gate is not 5'],
  ['chaos.gate', ['a', 'redis:6379'], 'spec must be an object, not "redis:6379"'],
  ['chaos.gate', ['a', { host: 'a' }], 'spec has no field "host". Did you mean upstream?'],
  [
    'chaos.gate',
    ['a', { upstream: { host: 'a', prot: 1 } }],
    'spec.upstream has no field "prot". Did you mean port?',
  ],
])('%s refuses %j', async (path, args, message) => {
  expect(await refusal(path, ...args)).toContain(message);
});

test('connect and its fixture refuse what they do not know', async () => {
  const unknown = { kubeConfig: 'x' } as object;
  await expect(connect(unknown)).rejects.toThrow(
    new TypeError(
      'connect() has no option "kubeConfig". Did you mean kubeconfig? It takes kubeconfig, namespace, local, timeout, signal',
    ),
  );
  const local = { address: '::1' } as object;
  await expect(connect({ local })).rejects.toThrow('local has no option "address"');
  await expect(connect({ local: 'yes' as unknown as boolean })).rejects.toThrow(TypeError);
  expect(() => chaosTest({ gates: {}, ...unknown })).toThrow(
    'chaosTest() has no option "kubeConfig"',
  );
});
