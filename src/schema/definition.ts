import { type Column, crdColumn, nameColumn, type PrinterColumn } from './column.ts';
import { objectMeta } from './objectMeta.ts';
import type { Schema } from './schema.ts';

/** What is read of a CustomResourceDefinition. */
export interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly versions: readonly Version[];
  };
}

interface Version {
  readonly name: string;
  readonly schema: { readonly openAPIV3Schema: object };
  readonly additionalPrinterColumns: readonly PrinterColumn[];
}

/** The first version, which is the one that is served. Throws when there is none. */
export function versionOf({ spec: { versions } }: Definition): Version {
  const [version] = versions;
  if (version === undefined) throw new TypeError('The CRD has no version');
  return version;
}

/** The schema of a whole object: a definition leaves its metadata to the API server. */
export function schemaOf(definition: Definition): Schema {
  const schema = versionOf(definition).schema.openAPIV3Schema as Schema;
  return { ...schema, properties: { ...schema.properties, metadata: objectMeta } };
}

/** What `kubectl get` shows. */
export function columnsOf(definition: Definition): readonly Column[] {
  return [
    nameColumn(objectMeta.properties?.name?.description ?? ''),
    ...versionOf(definition).additionalPrinterColumns.map(crdColumn),
  ];
}
