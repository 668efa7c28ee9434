import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import {
  blocksRules,
  type FieldError,
  invalidValue,
  isRule,
  UNCHECKED,
} from '../../schema/fieldError.ts';
import { badRequest, invalid } from '../errors.ts';
import { apiVersionOf, kindOf } from '../kinds/kind.ts';
import { validateMetadata, validateMetadataUpdate } from '../metadata/validate.ts';
import type { Target } from '../request.ts';

/** Throws a 422 that names everything that is wrong with an object. */
export function check(
  { kind, subresource }: Pick<Target, 'kind' | 'subresource'>,
  object: JsonObject,
  before?: JsonObject,
): void {
  const given = textIn(object, 'kind');
  const name = textIn(objectIn(object, 'metadata'), 'name');
  if (given !== kind.kind) {
    const named = { group: kind.group, word: given };
    throw invalid(named, name, [invalidValue('kind', given, `must be ${kind.kind}`)]);
  }
  if (textIn(object, 'apiVersion') !== apiVersionOf(kind)) {
    throw badRequest(
      `no kind "${given}" is registered for version "${textIn(object, 'apiVersion')}"`,
    );
  }
  const fixed = before === undefined ? [] : validateMetadataUpdate(object, before);
  const metadata = validateMetadata(object);
  const found = kind.validate(object, subresource, before);
  const rest = metadata.some(blocksRules) && !kind.isBuiltIn ? withoutRules(found) : found;
  const errors = [...fixed, ...metadata, ...rest];
  if (errors.length > 0) throw invalid(kindOf(kind), name, errors);
}

/** Metadata can keep the rules over several fields from being checked, too. */
function withoutRules(errors: readonly FieldError[]): FieldError[] {
  return [...errors.filter((error) => !isRule(error) && error !== UNCHECKED), UNCHECKED];
}
