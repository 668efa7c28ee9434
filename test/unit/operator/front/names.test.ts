import { expect, test } from 'vitest';
import {
  frontSelector,
  frontSelectorValue,
  originName,
} from '../../../../src/operator/front/names.ts';
import { aFrontGate } from '../fixtures.ts';

const UID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

test('the value that selects a gate is of ten digits of its uid', () => {
  expect(frontSelectorValue(UID)).toBe('chaosgate-3f2504e04f');
});

test('a selector that leads to a gate has the keys of the original', () => {
  expect(frontSelector({ app: 'postgres', 'example.com/role': 'primary' }, UID)).toEqual({
    app: 'chaosgate-3f2504e04f',
    'example.com/role': 'chaosgate-3f2504e04f',
  });
});

test('the Service that leads to the servers is named after the gate', () => {
  expect(originName(aFrontGate())).toBe('postgres-chaos-origin');
});
