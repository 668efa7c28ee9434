import { faultAtWork } from './fault.ts';
import { absolute, beside, type Goal } from './goal.ts';
import type { Measure } from './measure.ts';

/** Bytes per second of the bandwidth fault. */
const BANDWIDTH = 100_000_000;

const SLICE_BYTES = 1_024;

/** Every fault besides the delay that bytes go on under. */
export const faultMeasures: readonly Measure[] = [
  faultAtWork(
    'bandwidth',
    'bandwidth of 100 MB/s',
    {
      chaosgate: { bandwidth: { bytesPerSecond: BANDWIDTH } },
      toxiproxy: { type: 'bandwidth', attributes: { rate: BANDWIDTH / 1_000 } },
    },
    [
      deviation(),
      beside('bandwidth-cpu-per-gb', 'toxiproxy', {
        title: 'Bandwidth of 100 MB/s: processor time per GB, to Toxiproxy',
        sense: 'atMost',
        goal: 1,
      }),
    ],
  ),
  faultAtWork(
    'slice',
    'slices of 1 KiB',
    {
      chaosgate: { slice: { maxBytes: SLICE_BYTES } },
      toxiproxy: {
        type: 'slicer',
        attributes: { average_size: SLICE_BYTES, size_variation: 0, delay: 0 },
      },
    },
    [
      beside('slice', 'toxiproxy', {
        title: 'Slices of 1 KiB: throughput, to Toxiproxy',
        sense: 'atLeast',
        goal: 1,
        whyNot:
          'more than four fifths of the time are spent in the system call that writes ([profile](performance/profiles.md)), one per slice as the fault wants it; that Toxiproxy gains by two threads, at the same processor time, is a guess. Needed: reads on another thread than writes.',
      }),
    ],
  ),
  ours('corrupt', 'one byte in a thousand corrupted', { corrupt: { bytesPerMillion: 1_000 } }),
  ours('corrupt-all', 'every byte corrupted', { corrupt: {} }),
  // One line of the load in 64 has the word.
  ours('substitute', 'a word replaced', {
    substitute: [{ pattern: 'needle', replacement: 'thimble' }],
  }),
  ours('coalesce', 'coalesced to 256 KiB', {
    coalesce: { minBytes: 262_144, maxWaitMilliseconds: 1_000 },
  }),
];

/** A fault that no peer has. */
function ours(name: string, title: string, chaosgate: Readonly<Record<string, unknown>>): Measure {
  return faultAtWork(name, title, { chaosgate }, [
    absolute(name, {
      title: `Throughput with ${name}`,
      sense: 'atLeast',
      goal: 200e6,
      unit: 'B/s',
    }),
  ]);
}

function deviation(): Goal {
  const off = (samples: readonly number[]) => samples.map((rate) => Math.abs(rate / BANDWIDTH - 1));
  return {
    name: 'bandwidth-deviation',
    title: 'Bandwidth of 100 MB/s: further from it than Toxiproxy is, as a share of it',
    sense: 'atMost',
    goal: 0.01,
    unit: 'ratio',
    values: ({ of }) => {
      const theirs = off(of('bandwidth', 'toxiproxy'));
      return off(of('bandwidth')).map((ours, round) => ours - (theirs[round] ?? Number.NaN));
    },
  };
}
