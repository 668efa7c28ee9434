import { expect, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import { NOTHING_KNOWN } from '../../../src/control/link.ts';
import type { EndpointState } from '../../../src/operator/endpoints.ts';
import { inFrontObservations } from '../../../src/operator/inFront.ts';
import { aFrontGate, aGate, aPod } from './fixtures.ts';

const gate = aFrontGate();
const problem = { terminal: true, reason: 'Reverted', message: 'Somebody changed it' };

const WAS_IN_FRONT: TcpGateStatus = {
  conditions: [
    {
      ...{ type: 'InFront', status: 'True', reason: 'InFront', message: '' },
      ...{ observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' },
    },
  ],
};

function observed(inFront: boolean, endpoint?: EndpointState, previous?: TcpGateStatus) {
  const proxies = [{ ...aPod(), ...NOTHING_KNOWN, endpoint }];
  const watched = { gate, inFront, problem: inFront ? undefined : problem, proxies };
  return inFrontObservations(watched, previous)[0];
}

test('a gate without service says nothing of it', () => {
  const watched = { gate: aGate(), problem: undefined, proxies: [] };
  expect(inFrontObservations(watched, undefined)).toEqual([]);
});

test('what keeps the gate away is the reason', () => {
  expect(observed(false)).toMatchObject({ status: 'False', reason: 'Reverted' });
});

test('the gate is in front once the nodes have followed, and stays there while its pods change', () => {
  expect(observed(true)).toMatchObject({ status: 'False', reason: 'Switching' });
  expect(observed(true, 'listed')).toMatchObject({ status: 'False', reason: 'Switching' });
  expect(observed(true, 'settled')).toMatchObject({ status: 'True', reason: 'InFront' });
  expect(observed(true, undefined, WAS_IN_FRONT)).toMatchObject({ status: 'True' });
});
