import { faultAtWork } from './fault.ts';
import type { Measure } from './measure.ts';

/** Bytes per second of the bandwidth fault. */
export const BANDWIDTH = 100_000_000;

const SLICE_BYTES = 1_024;

/** Every fault besides the delay that bytes go on under. */
export const faultMeasures: readonly Measure[] = [
  faultAtWork('bandwidth', 'bandwidth of 100 MB/s', {
    chaosgate: { bandwidth: { bytesPerSecond: BANDWIDTH } },
    toxiproxy: { type: 'bandwidth', attributes: { rate: BANDWIDTH / 1_000 } },
  }),
  faultAtWork('slice', 'slices of 1 KiB', {
    chaosgate: { slice: { maxBytes: SLICE_BYTES } },
    toxiproxy: {
      type: 'slicer',
      attributes: { average_size: SLICE_BYTES, size_variation: 0, delay: 0 },
    },
  }),
  faultAtWork('corrupt', 'one byte in a thousand corrupted', {
    chaosgate: { corrupt: { bytesPerMillion: 1_000 } },
  }),
  faultAtWork('corrupt-all', 'every byte corrupted', { chaosgate: { corrupt: {} } }),
  // One line of the load in 64 has the word.
  faultAtWork('substitute', 'a word replaced', {
    chaosgate: { substitute: [{ pattern: 'needle', replacement: 'thimble' }] },
  }),
  faultAtWork('coalesce', 'coalesced to 256 KiB', {
    chaosgate: { coalesce: { minBytes: 262_144, maxWaitMilliseconds: 1_000 } },
  }),
];
