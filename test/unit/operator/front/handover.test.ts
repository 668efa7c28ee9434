import { expect, test } from 'vitest';
import {
  frontingOf,
  leadsTo,
  releaseStep,
  type SelectingService,
  switchOf,
} from '../../../../src/operator/front/handover.ts';
import { frontSelectorValue } from '../../../../src/operator/front/names.ts';

const GATE = { name: 'chaos', uid: '0123abcd-4567-89ef-0123-456789abcdef' };
const OTHER = { name: 'other', uid: 'fedcba98-7654-3210-fedc-ba9876543210' };
const OURS = frontSelectorValue(GATE.uid);

function aService(
  selector: Record<string, string>,
  annotations: Record<string, string> = {},
): SelectingService {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'postgres', namespace: 'shop', uid: '1', resourceVersion: '7', annotations },
    spec: { selector },
  };
}

const marks = (gate: object, original: unknown) => ({
  'chaosgate.dev/fronted-by': JSON.stringify(gate),
  'chaosgate.dev/original-selector': JSON.stringify(original),
});

test('the value is a label value that is the same for the life of the gate', () => {
  expect(OURS).toBe('chaosgate-0123abcd45');
});

test('the switch is pinned, and has the keys of the original', () => {
  expect(switchOf(aService({ app: 'postgres', tier: 'db' }), GATE)).toMatchObject({
    metadata: { name: 'postgres', namespace: 'shop', uid: '1', resourceVersion: '7' },
    spec: { selector: { app: OURS, tier: OURS } },
  });
});

test.each([
  ['no JSON', '{'],
  ['no object', '"postgres"'],
  ['no texts', '{"app":1}'],
])('an original selector that is %s is none', (_, text) => {
  const annotations = { ...marks(GATE, {}), 'chaosgate.dev/original-selector': text };
  const service = aService({ app: OURS }, annotations);
  expect(frontingOf(service)).toEqual({ gate: GATE, original: undefined });
  expect(releaseStep(service, GATE)).toBe('lost');
});

test('an empty selector is never written', () => {
  expect(releaseStep(aService({ app: OURS }, marks(GATE, {})), GATE)).toBe('lost');
  expect(releaseStep(aService({ app: OURS }, marks(GATE, { tier: 'db' })), GATE)).toMatchObject({
    kind: 'restore',
    operations: expect.arrayContaining([
      { op: 'replace', path: '/spec/selector', value: { tier: 'db' } },
    ]),
  });
});

test('what another gate has marked is left alone', () => {
  const service = aService({ app: frontSelectorValue(OTHER.uid) }, marks(OTHER, { app: 'x' }));
  expect(leadsTo(service, GATE.uid)).toBe(false);
  expect(releaseStep(service, GATE)).toBeUndefined();
});

test('a Service without a selector leads to nobody', () => {
  expect(leadsTo(aService({}), GATE.uid)).toBe(false);
  expect(releaseStep(aService({}), GATE)).toBeUndefined();
});
