import { z } from 'zod';
import { runFields } from '../api/spec.ts';
import { snapshot } from './messages.ts';

/** A snapshot where a proxy that starts finds it, and an operator that starts: the record of the gate's run. */
export const storedSnapshot = snapshot.extend({
  /** What started the run, in addition to the faults in `config`. */
  startedFor: runFields.optional(),
  /** When the run ends, by the clock of the process that stored it; absent if it has no end or has not begun. */
  endTime: z.iso.datetime().optional(),
  /** A proxy has ended it, whatever the clock says of `endTime`. */
  hasEnded: z.literal(true).optional(),
});
export type StoredSnapshot = z.infer<typeof storedSnapshot>;
