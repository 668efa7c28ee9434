import { faultsText, inForceText, type Stop } from '../../../src/api/text.ts';
import type { ApplyResult, Asked } from './target.ts';

/** What a gate has to say of what it was asked for, in one line. @param stop what keeps its faults from being in force */
export function expectedText({ config }: Asked, stop?: Stop): string {
  return inForceText(faultsText(config), stop);
}

/** What came of it, when the gate says that; undefined when it says something else. */
export function outcomeOfText(said: string | undefined, asked: Asked): ApplyResult | undefined {
  const { suspend, durationSeconds } = asked.run;
  if (said === expectedText(asked, suspend ? 'Suspended' : undefined)) return { is: 'in force' };
  const isOver = durationSeconds !== undefined && said === expectedText(asked, 'Ended');
  return isOver ? { is: 'over' } : undefined;
}
