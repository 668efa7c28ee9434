import { z } from 'zod';
import { type FaultName, faults } from '../gate/faults/registry.ts';
import { readFields } from './options.ts';
import { text } from './text.ts';

/** Settings by the short names that the methods have for them; those of the spec are taken as well. */
const SHORT: { readonly [N in FaultName]?: Readonly<Record<string, string>> } = {
  limitTime: { jitter: 'jitterMilliseconds' },
  coalesce: { maxWait: 'maxWaitMilliseconds' },
  delay: { jitter: 'jitterMilliseconds' },
  bandwidth: { burst: 'burstBytes' },
  slice: { variance: 'varianceBytes', gap: 'gapMilliseconds' },
};

const OF_EVERY_FAULT = ['connectionsPercent', 'for', 'timeout', 'signal'];

/**
 * The options of a fault's method, by the names of the spec. Throws a TypeError for one that it does not know, and for a
 * leading argument that is no number.
 *
 * @param leading what the method takes before its options, by the names of the spec
 */
export function faultOptions<T extends object>(
  name: FaultName,
  leading: Readonly<Record<string, number>>,
  given: T,
): T {
  const call = `${name}()`;
  for (const [field, value] of Object.entries(leading)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new TypeError(`${call} takes ${field} as a number, not ${text(value)}`);
    }
  }
  const settings = settingsOf(name).filter((field) => !(field in leading));
  const names = [...settings, ...OF_EVERY_FAULT];
  return readFields(`${call} has no option`, call, given, names, SHORT[name]);
}

/** A list has none of its own. */
function settingsOf(name: FaultName): readonly string[] {
  const schema: z.ZodType = faults[name].schema;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
