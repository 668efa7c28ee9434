import { type SchemaOptions, stringify, type ToStringOptions } from 'yaml';
import { resolveScalar } from './scalar.ts';

/** A text that would be read as something else has to stand in quotes: the library asks its tags, and knows not all of them. */
const misreadText = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  // The library calls no more than `test`.
  test: { test: (text: string) => typeof resolveScalar(text) !== 'string' } as RegExp,
  identify: () => false,
  resolve: (text: string) => text,
} as const;

/** A value as YAML that Kubernetes and `readYaml` read as that value. */
export function writeYaml(value: unknown, options: ToStringOptions & SchemaOptions = {}): string {
  return stringify(value, {
    version: '1.1',
    aliasDuplicateObjects: false,
    customTags: (tags) => [...tags, misreadText],
    ...options,
  });
}
