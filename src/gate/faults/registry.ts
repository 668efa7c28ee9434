import { closeOnData } from './closeOnData.ts';
import { delay } from './delay.ts';
import { drop } from './drop.ts';
import { stall } from './stall.ts';

/** Every fault by the name of its field. Bytes pass the faults of a direction in this order. */
export const faults = { stall, drop, closeOnData, delay } as const;

export type FaultName = keyof typeof faults;
