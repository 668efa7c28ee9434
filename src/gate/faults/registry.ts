import { bandwidth } from './bandwidth.ts';
import { closeOnData } from './closeOnData.ts';
import { coalesce } from './coalesce.ts';
import { corrupt } from './corrupt.ts';
import { delay } from './delay.ts';
import { drop } from './drop.ts';
import { limitBytes } from './limitBytes.ts';
import { limitIdle } from './limitIdle.ts';
import { limitTime } from './limitTime.ts';
import { slice } from './slice.ts';
import { stall } from './stall.ts';
import { substitute } from './substitute.ts';

/** Every fault by the name of its field. Bytes pass the faults of a direction in this order. */
export const faults = {
  stall,
  drop,
  closeOnData,
  limitTime,
  limitIdle,
  limitBytes,
  substitute,
  corrupt,
  coalesce,
  delay,
  bandwidth,
  slice,
} as const;

export type FaultName = keyof typeof faults;
