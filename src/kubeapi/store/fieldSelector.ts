import { badRequest } from '../errors.ts';

export type Fields = Readonly<Record<string, string>>;
export type FieldSelector = (fields: Fields) => boolean;

/**
 * Reads a field selector such as `metadata.name=a,type!=Normal`. Throws a 400 for what is none and for fields that
 * are not in `known`.
 */
export function parseFieldSelector(text: string, known: readonly string[]): FieldSelector {
  const terms = split(text).map((term) => {
    const match = /^(.*?)(==|!=|=)(.*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
    return { field, isEqual: operator !== '!=', value: withoutBackslashes(value) };
  });
  return (fields) =>
    terms.every(({ field, isEqual, value }) => ((fields[field] ?? '') === value) === isEqual);
}

/** At commas that no backslash stands before. */
function split(text: string): string[] {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  return terms.filter((term) => term !== '');
}

function withoutBackslashes(value: string): string {
  return value.replace(/\\(.)/g, '$1');
}
