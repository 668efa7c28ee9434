import { applies } from './requests/apply.ts';
import { bounds } from './requests/bounds.ts';
import { discovery } from './requests/discovery.ts';
import { events } from './requests/events.ts';
import { nulls } from './requests/nulls.ts';
import { reads } from './requests/reads.ts';
import { statuses } from './requests/status.ts';
import { typed } from './requests/typed.ts';
import { validation } from './requests/validation.ts';
import { writes } from './requests/writes.ts';

/** Everything that this API and a real API server must answer alike. */
export const stories = [
  ...discovery,
  ...writes,
  ...validation,
  ...applies,
  ...statuses,
  ...reads,
  ...events,
  ...nulls,
  ...typed,
  ...bounds,
];
