import { GROUP } from '../api/names.ts';

/** A new value of it on a gate makes the operator reconcile the gate. */
export const NUDGE_ANNOTATION = `${GROUP}/reconcile-requested-at`;

/** On a child: hash of what was asked for last. Distinguishes changes by the operator from changes by others. */
export const HASH_ANNOTATION = `${GROUP}/desired-hash`;

/** On a gate's Secret: which operator serves the gate, by namespace and name of its Lease. */
export const OPERATOR_ANNOTATION = `${GROUP}/operator`;

/** On a gate's Secret: an operator that asks whether the one that serves the gate is still there. */
export const CLAIM_ANNOTATION = `${GROUP}/claimed-by`;
