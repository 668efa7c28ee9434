import { tcpGateCrd } from '../../src/api/crd.ts';

type Json = Record<string, unknown>;

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const COLUMNS = tcpGateCrd().spec.versions.flatMap(({ additionalPrinterColumns }) =>
  additionalPrinterColumns.map(({ name }) => name),
);

/**
 * Replaces what differs between any two servers. Resource versions of objects are numbered as they appear, so that a
 * write which changes nothing still shows as one; those of lists and bookmarks move by themselves on a real server.
 * What a real server puts into the random order of Go's maps is sorted.
 */
export class Normaliser {
  readonly #namespace: string;
  readonly #versions = new Map<string, string>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  normalise(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.normalise(item));
    if (typeof value !== 'object' || value === null) return value;
    return this.#object(sorted(value as Json));
  }

  #object(object: Json): Json {
    const isMoving = isList(object) || object.type === 'BOOKMARK';
    const metadata = object.metadata;
    return Object.fromEntries(
      Object.entries(object).flatMap(([name, value]) => {
        if (name === 'storageVersionHash') return [];
        if (name === 'serverAddress') return [[name, '<address>']];
        if (name === 'managedFields') return [[name, owners(value as Owner[])]];
        if (name === 'columnDefinitions') return [[name, columns(value as Json[] | null)]];
        if (value === metadata && isRecord(metadata))
          return [[name, this.#metadata(metadata, isMoving)]];
        if (object.type === 'BOOKMARK' && name === 'object')
          return [[name, this.#bookmark(value as Json)]];
        return [[name, this.normalise(value)]];
      }),
    );
  }

  #metadata({ resourceVersion, ...metadata }: Json, isMoving: boolean): Json {
    const normal = this.normalise(metadata) as Json;
    if (typeof normal.continue === 'string' && normal.continue !== '')
      normal.continue = '<continue>';
    if (typeof normal.generateName === 'string') normal.name = `${normal.generateName}<suffix>`;
    if (typeof resourceVersion !== 'string') return normal;
    return {
      ...normal,
      resourceVersion: isMoving ? '<moving version>' : this.#version(resourceVersion),
    };
  }

  #bookmark(object: Json): unknown {
    const text = JSON.stringify(object).replace(
      /"resourceVersion":"\d+"/g,
      '"resourceVersion":"0"',
    );
    return this.normalise(JSON.parse(text));
  }

  #text(text: string): string {
    return text
      .replace(UID, '<uid>')
      .replace(TIME, '<time>')
      .replaceAll(this.#namespace, '<namespace>')
      .replace(/^\d+[smhd](\d+[smhd])?$/, '<age>')
      .replace(/resource version: (\d+) \(\d+\)/, 'resource version: $1 (<version>)')
      .replace(
        /(ResourceVersion in record \(|current: |resourceVersion\\?":\\?")\d+/g,
        '$1<version>',
      );
  }

  #version(version: string): string {
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    const name = `<version ${this.#versions.size + 1}>`;
    this.#versions.set(version, name);
    return name;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList({ kind }: Json): boolean {
  return typeof kind === 'string' && (kind.endsWith('List') || kind === 'Table');
}

/** A Status with its causes in order and each of them once, and its message without them. */
function sorted(object: Json): Json {
  const { details, message } = object;
  const causes = isRecord(details) ? details.causes : undefined;
  if (!Array.isArray(causes) || typeof message !== 'string') return object;
  const unique = new Map(causes.map((cause: Json) => [JSON.stringify(cause), cause]));
  const list = causes.map(
    ({ field, message: text }: Record<string, string>) => `${field}: ${text}`,
  );
  const text = [...new Set(list)].join(', ');
  return {
    ...object,
    message: message.replace(`[${text}]`, '[<causes>]'),
    details: {
      ...(details as Json),
      causes: [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cause]) => cause),
    },
  };
}

interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1: Json;
}

/** One line for each owner of fields: `contract Update /status: f:status f:status/f:faults`. */
function owners(entries: readonly Owner[]): string[] {
  return entries
    .map(({ manager, operation, subresource, apiVersion, time, fieldsV1 }) => {
      const where = subresource === undefined ? '' : ` /${subresource}`;
      const when = time === undefined ? ' without a time' : '';
      return `${manager} ${operation}${where} ${apiVersion}${when}: ${paths(fieldsV1).join(' ')}`;
    })
    .sort();
}

function paths(fields: Json, path = ''): string[] {
  return Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, below]) => {
      if (name === '.') return [path];
      const at = path === '' ? name : `${path}/${name}`;
      return Object.keys(below as Json).length === 0 ? [at] : paths(below as Json, at);
    });
}

/** Descriptions of the columns that are not the CRD's are each server's own words. */
function columns(definitions: readonly Json[] | null): unknown {
  // An Event has a column called Reason too.
  const isOfCrd = definitions?.some(({ name }) => name === 'Faults') === true;
  return (
    definitions?.map(({ description, ...column }) =>
      isOfCrd && COLUMNS.includes(String(column.name)) ? { ...column, description } : column,
    ) ?? null
  );
}
