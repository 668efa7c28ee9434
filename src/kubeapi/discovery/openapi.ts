import { createHash } from 'node:crypto';
import type { JsonObject } from '../../json/json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { type GroupVersion, groupVersions } from './groups.ts';
import { pathsOf } from './openapiPaths.ts';
import { openApiProtobuf } from './openapiProtobuf.ts';
import { type Dialect, schemasOf } from './openapiSchemas.ts';

/** A document that is made once, and what tells it from any other. */
export interface Document {
  readonly text: string;
  readonly hash: string;
}

/** The OpenAPI documents of the kinds, all of them made from the same schemas as validation. */
export class OpenApi {
  readonly version2: Document;
  /** Version 2 in the form that kubectl asks for. */
  readonly version2Protobuf: Buffer;
  readonly #version3: ReadonlyMap<string, Document>;

  constructor(kinds: readonly Kind[], version: string) {
    const info = { title: 'Kubernetes', version };
    const version2 = {
      swagger: '2.0',
      info,
      paths: pathsOfAll(kinds, 2),
      definitions: schemasOf(kinds, 2),
    };
    this.version2 = documentOf(version2);
    this.version2Protobuf = openApiProtobuf(version2);
    this.#version3 = new Map(
      groupVersions(kinds).map((group) => [placeOf(group), version3(group, info)]),
    );
  }

  /** `/openapi/v3`: where the document of each group and version is. */
  index(): JsonObject {
    const paths = [...this.#version3].map(([place, { hash }]) => [
      place,
      { serverRelativeURL: `/openapi/v3/${place}?hash=${hash}` },
    ]);
    return { paths: Object.fromEntries(paths) };
  }

  /** The document of a group and version, for instance of `apis/example.com/v1`. */
  version3(place: string): Document | undefined {
    return this.#version3.get(place);
  }
}

function version3({ kinds }: GroupVersion, info: JsonObject): Document {
  return documentOf({
    openapi: '3.0.0',
    info,
    paths: pathsOfAll(kinds, 3),
    components: { schemas: schemasOf(kinds, 3) },
  });
}

function placeOf(group: GroupVersion): string {
  return group.group === '' ? `api/${group.version}` : `apis/${apiVersionOf(group)}`;
}

function pathsOfAll(kinds: readonly Kind[], dialect: Dialect): JsonObject {
  return Object.assign({}, ...kinds.map((kind) => pathsOf(kind, dialect))) as JsonObject;
}

function documentOf(document: JsonObject): Document {
  const text = JSON.stringify(document);
  return { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
}
