import { isObject, type Json, type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { notSupported } from '../../schema/fieldError.ts';
import { mediaType } from '../decode/mediaType.ts';
import { decodeJson, decodeYaml, TextError } from '../decode/text.ts';
import { internal } from '../errors.ts';
import type { ApiRequest } from '../request.ts';
import { dryRunErrors, invalidOptions } from './options.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly uid: string;
  readonly resourceVersion: string;
}

const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil'];

/** The options of a DELETE: from the body, or without one from the query, as a real API server does. */
export function deleteOptions({ body, contentType, query }: ApiRequest): DeleteOptions {
  const given = body === '' ? {} : decodeOptions(body, contentType);
  const dryRun = body === '' ? query.getAll('dryRun') : listOf(given.dryRun);
  const policy =
    body === '' ? (query.get('propagationPolicy') ?? '') : textIn(given, 'propagationPolicy');
  const errors = [
    ...(policy === '' || POLICIES.includes(policy)
      ? []
      : [notSupported('propagationPolicy', policy, POLICIES)]),
    ...dryRunErrors(dryRun),
  ];
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  const preconditions = objectIn(given, 'preconditions');
  return {
    dryRun: dryRun.length > 0,
    uid: textIn(preconditions, 'uid'),
    resourceVersion: textIn(preconditions, 'resourceVersion'),
  };
}

function decodeOptions(body: string, contentType: string): JsonObject {
  try {
    const isYaml = mediaType(contentType) === 'application/yaml';
    const { value } = isYaml ? decodeYaml(body) : decodeJson(body);
    const { gracePeriodSeconds = null } = isObject(value) ? value : {};
    if (gracePeriodSeconds !== null && !Number.isInteger(gracePeriodSeconds)) {
      throw new TextError(
        `json: cannot unmarshal ${typeof gracePeriodSeconds} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`,
      );
    }
    return isObject(value) ? value : {};
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const isSyntax = !error.message.startsWith('json: ');
    throw internal(
      `${isSyntax ? "couldn't get version/kind; json parse error: " : ''}${error.message}`,
    );
  }
}

function listOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
