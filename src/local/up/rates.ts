import type { Traffic } from '../../proxy/numbers.ts';

/** Bytes per second, by direction. */
export type Rate = Traffic;

/** Milliseconds that a rate is taken over: long enough to be read, short enough to follow a patch. */
const WINDOW = 2_000;

interface Sample {
  readonly at: number;
  readonly traffic: Traffic;
}

/** How fast bytes pass the gates, from counts that only grow. */
export class Rates {
  readonly #samples = new Map<string, Sample[]>();

  /** @param now milliseconds on a clock that never goes back */
  rate(key: string, traffic: Traffic | undefined, now: number): Rate {
    const kept = (this.#samples.get(key) ?? []).filter(({ at }) => now - at <= WINDOW);
    if (traffic === undefined) {
      this.#samples.delete(key);
      return { toServer: 0, toClient: 0 };
    }
    const [oldest = { at: now, traffic }] = kept;
    this.#samples.set(key, [...kept, { at: now, traffic: { ...traffic } }]);
    const per = (direction: keyof Traffic): number => {
      // A gate that was removed and made again counts from 0.
      const grown = Math.max(0, traffic[direction] - oldest.traffic[direction]);
      return now > oldest.at ? (grown * 1_000) / (now - oldest.at) : 0;
    };
    return { toServer: per('toServer'), toClient: per('toClient') };
  }
}

const UNITS = ['B/s', 'kB/s', 'MB/s', 'GB/s'];

/** `0 B/s`, `1.2 kB/s`, `88 kB/s`: two digits at least, in steps of 1000. */
export function rateText(bytesPerSecond: number): string {
  let value = bytesPerSecond;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
