import type { TcpGateStatus } from '../api/status.ts';
import { ageText } from '../schema/age.ts';

/** When faults that are in force end by themselves; undefined where none are, or nothing ends them. */
export function endOf({ faultsEndTime, conditions = [] }: TcpGateStatus): string | undefined {
  const active = conditions.find(({ type }) => type === 'FaultsActive');
  return active?.status === 'True' ? faultsEndTime : undefined;
}

/** The faults with how long they last yet, such as `toClient drop (52s left)`. @param now milliseconds since the epoch */
export function withLeft(faults: string, end: string | undefined, now: number): string {
  if (end === undefined) return faults;
  const left = Math.max(0, Date.parse(end) - now);
  return `${faults} (${ageText(new Date(now).toISOString(), now + left)} left)`;
}
