import { expect, test } from 'vitest';
import { desiredService } from '../../../src/operator/desired/service.ts';
import { orphaningGate, orphansRemoval, ownershipOf } from '../../../src/operator/ownership.ts';
import { aGate } from './fixtures.ts';

const service = desiredService(aGate());
const annotations = { 'chaosgate.dev/desired-hash': 'a' };

function changed(metadata: object) {
  return { ...service, metadata: { ...service.metadata, annotations, ...metadata } };
}

test('an object is owned by the gate of that uid, and left by an earlier one of its name', () => {
  expect(ownershipOf(service, aGate())).toBe('own');
  expect(ownershipOf(service, aGate({}, { uid: 'another' }))).toBe('predecessor');
  expect(ownershipOf(service, aGate({}, { uid: 'another', name: 'other' }))).toBe('foreign');
  expect(ownershipOf(changed({ ownerReferences: [] }), aGate())).toBe('foreign');
});

test('an object of the operator that nobody owns was left by its gate', () => {
  expect(orphaningGate(changed({ ownerReferences: undefined }))).toBe('staging/postgres');
  expect(orphaningGate(changed({ ownerReferences: [] }))).toBe('staging/postgres');
  expect(orphaningGate(changed({}))).toBeUndefined();
  // Labelled like it, but not written by the operator.
  expect(orphaningGate(changed({ ownerReferences: [], annotations: {} }))).toBeUndefined();
  expect(orphaningGate(changed({ ownerReferences: [], labels: {} }))).toBeUndefined();
});

test('what removes it is one command', () => {
  expect(orphansRemoval('staging/postgres')).toBe(
    'kubectl -n staging delete service,secret,deployment,networkpolicy -l chaosgate.dev/gate=postgres',
  );
});
