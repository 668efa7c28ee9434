import type { FigureInfo } from '../figure.ts';

type Unit = FigureInfo['unit'];

/** Prefixes of the SI, the largest first. */
const PREFIXES = [
  { factor: 1e9, prefix: 'G' },
  { factor: 1e6, prefix: 'M' },
  { factor: 1e3, prefix: 'k' },
  { factor: 1, prefix: '' },
  { factor: 1e-3, prefix: 'm' },
  { factor: 1e-6, prefix: 'µ' },
] as const;

/** For people: three digits, and the prefix that fits. */
export function format(value: number, unit: Unit): string {
  if (unit === 'ratio') return digits(value);
  if (unit === '/s') {
    return `${value >= 100 ? Math.round(value).toLocaleString('en') : digits(value)} /s`;
  }
  const fitting = PREFIXES.find(({ factor }) => Math.abs(value) >= factor);
  const { factor, prefix } = fitting ?? PREFIXES[3];
  return `${digits(value / factor)} ${prefix}${unit}`;
}

/** A median and half of its spread to both sides, with the median's prefix. */
export function formatSpread(median: number, spread: number, unit: Unit): string {
  const share = median === 0 ? 0 : Math.abs(spread / median / 2);
  return `${format(median, unit)} ± ${digits(share * 100)} %`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : 2;
  return value.toFixed(places);
}
