import { type Json, type JsonObject, objectIn, textIn } from '../../json/json.ts';
import {
  type FieldError,
  forbidden,
  invalidValue,
  required,
  tooLong,
} from '../../schema/fieldError.ts';
import { labelValueProblems, qualifiedNameProblems, subdomainProblems } from './names.ts';

/** All annotations of an object together, in bytes (k8s.io/apimachinery, TotalAnnotationSizeLimitB). */
const ANNOTATIONS_LIMIT = 256 * 1024;

/** What is wrong with an object's metadata. */
export function validateMetadata(object: JsonObject): FieldError[] {
  const metadata = objectIn(object, 'metadata');
  return [
    ...validateName(metadata),
    ...validateLabels(objectIn(metadata, 'labels')),
    ...validateAnnotations(objectIn(metadata, 'annotations')),
    ...validateOwners(metadata.ownerReferences),
    ...validateFinalizers(finalizersOf(object)),
  ];
}

function validateName(metadata: JsonObject): FieldError[] {
  const name = textIn(metadata, 'name');
  if (name === '') return [required('metadata.name', 'name or generateName is required')];
  return subdomainProblems(name).map((problem) => invalidValue('metadata.name', name, problem));
}

function validateLabels(labels: JsonObject): FieldError[] {
  const wrong = (value: string, problems: string[]) =>
    problems.map((problem) => invalidValue('metadata.labels', value, problem));
  return Object.keys(labels).flatMap((key) => [
    ...wrong(key, qualifiedNameProblems(key)),
    ...wrong(textIn(labels, key), labelValueProblems(textIn(labels, key))),
  ]);
}

function validateAnnotations(annotations: JsonObject): FieldError[] {
  const keys = Object.keys(annotations);
  const size = keys.reduce((sum, key) => sum + bytes(key) + bytes(textIn(annotations, key)), 0);
  return [
    ...keys.flatMap((key) =>
      // Keys may have capitals before the slash here (k8s.io/apimachinery, ValidateAnnotations).
      qualifiedNameProblems(key.toLowerCase()).map((problem) =>
        invalidValue('metadata.annotations', key, problem),
      ),
    ),
    ...(size > ANNOTATIONS_LIMIT ? [tooLong('metadata.annotations', ANNOTATIONS_LIMIT)] : []),
  ];
}

function validateOwners(owners: Json | undefined): FieldError[] {
  const list = Array.isArray(owners) ? (owners as Json[]) : [];
  return list.flatMap((owner) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((field) => textIn(owner, field) === '')
      .map((field) =>
        invalidValue(
          `metadata.ownerReferences.${field}`,
          '',
          field === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
        ),
      ),
  );
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  return finalizers.flatMap((finalizer) =>
    qualifiedNameProblems(finalizer).map((problem) =>
      invalidValue('metadata.finalizers', finalizer, problem),
    ),
  );
}

/** What an update must not change. */
export function validateMetadataUpdate(updated: JsonObject, before: JsonObject): FieldError[] {
  const [now, old] = [objectIn(updated, 'metadata'), objectIn(before, 'metadata')];
  const fixed = ['uid', 'deletionTimestamp', 'creationTimestamp'].filter(
    (field) => (now[field] ?? null) !== (old[field] ?? null),
  );
  const added = isDeleting(before) ? newFinalizers(now, old) : [];
  const errors = [
    ...fixed.map((field) =>
      invalidValue(`metadata.${field}`, now[field] ?? null, 'field is immutable'),
    ),
    ...(added.length === 0
      ? []
      : [
          forbidden(
            'metadata.finalizers',
            `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
          ),
        ]),
  ];
  return errors;
}

export function isDeleting(object: JsonObject): boolean {
  return textIn(objectIn(object, 'metadata'), 'deletionTimestamp') !== '';
}

export function finalizersOf(object: JsonObject): string[] {
  const { finalizers } = objectIn(object, 'metadata');
  return Array.isArray(finalizers) ? (finalizers as string[]) : [];
}

function newFinalizers(now: JsonObject, old: JsonObject): string[] {
  const had = new Set(finalizersOf({ metadata: old }));
  return finalizersOf({ metadata: now }).filter((finalizer) => !had.has(finalizer));
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
