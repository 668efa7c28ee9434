import { Document, Scalar, type SchemaOptions, type Tags, type ToStringOptions, visit } from 'yaml';
import { resolveScalar } from './scalar.ts';

/** As a key it would merge another map. */
const MERGE_KEY = '<<';

/** A text that would be read as something else has to stand in quotes: the library asks its tags, and knows not all of them. */
const misreadText = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  // The library calls no more than `test`.
  test: {
    test: (text: string) => text === MERGE_KEY || typeof resolveScalar(text) !== 'string',
  } as RegExp,
  identify: () => false,
  resolve: (text: string) => text,
} as const;

/** A value as YAML that Kubernetes and `readYaml` read as that value. */
export function writeYaml(value: unknown, options: ToStringOptions & SchemaOptions = {}): string {
  const document = new Document(value, {
    version: '1.1',
    aliasDuplicateObjects: false,
    // The library's own tag for a merge would take the text for one.
    customTags: (tags) => [
      ...tags.filter((tag) => tag !== 'merge' && !isMergeTag(tag)),
      misreadText,
    ],
    ...options,
  });
  visit(document, {
    Scalar: (_, node) => {
      if (isMisreadAsBlock(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString(options);
}

/** As a block, where the library would put it, a text may lose spaces with which it begins, or those of a line without others. */
function isMisreadAsBlock(text: unknown): boolean {
  return typeof text === 'string' && text.includes('\n') && /^\n* |\n +(\n|$)/.test(text);
}

function isMergeTag(tag: Tags[number]): boolean {
  return typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:merge';
}
