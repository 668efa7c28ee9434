import { InvalidArgumentError } from 'commander';

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A parser for an option that takes a length of time, such as `500ms`, `30s`, `1m30s`, `-1s`; milliseconds. */
export function durationOption(text: string): number {
  if (text.startsWith('-')) return -durationOption(text.slice(1));
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new InvalidArgumentError('Give a number with a unit: ms, s, m or h.');
  }
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
}

/** A parser for an option that takes an integer within bounds, both included. */
export function integerOption(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Give an integer from ${min} to ${max}.`);
    }
    return value;
  };
}
