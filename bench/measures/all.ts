import type { Effort } from '../effort.ts';
import { connects } from './connects.ts';
import { countChange } from './countChange.ts';
import { delay } from './delay.ts';
import { faultMeasures } from './faults.ts';
import { growthOfConnections } from './growthConnections.ts';
import { growthOfGates } from './growthGates.ts';
import { growthOfLiveMemory } from './growthLiveMemory.ts';
import { idleMemory } from './idleMemory.ts';
import type { Measure } from './measure.ts';
import { roundTrips } from './roundTrips.ts';
import { throughput } from './throughput.ts';

/** Everything that is measured on one machine, in the order of the report. */
export function allMeasures(effort: Effort): readonly Measure[] {
  return [
    throughput(1),
    throughput(8),
    roundTrips(1),
    roundTrips(32),
    connects,
    idleMemory,
    ...effort.delays.map(delay),
    ...faultMeasures,
    growthOfConnections(effort),
    growthOfLiveMemory(effort),
    growthOfGates(effort),
    countChange,
  ];
}
