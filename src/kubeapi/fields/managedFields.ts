import { isObject, type Json, type JsonObject, textIn } from '../../json/json.ts';
import type { Owner } from './owners.ts';
import { FieldSet } from './set.ts';

/** Reads `metadata.managedFields`; undefined when it is none. */
export function readManagedFields(entries: Json | undefined): Owner[] | undefined {
  if (!Array.isArray(entries)) return undefined;
  const owners: Owner[] = [];
  for (const entry of entries as Json[]) {
    const operation = textIn(entry, 'operation');
    const isKnown = operation === 'Apply' || operation === 'Update';
    if (!isObject(entry) || !isKnown || textIn(entry, 'apiVersion') === '') return undefined;
    const time = textIn(entry, 'time');
    owners.push({
      manager: textIn(entry, 'manager'),
      operation,
      apiVersion: textIn(entry, 'apiVersion'),
      subresource: textIn(entry, 'subresource'),
      fields: FieldSet.fromFieldsV1(entry.fieldsV1),
      ...(time === '' ? {} : { time }),
    });
  }
  return owners;
}

/** Writes owners as `metadata.managedFields`, those that apply first, then the oldest first. */
export function writeManagedFields(owners: readonly Owner[]): Json[] {
  return [...owners].sort(inOrder).map(
    ({ manager, operation, apiVersion, subresource, fields, time }): JsonObject => ({
      apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toFieldsV1(),
      manager,
      operation,
      ...(subresource === '' ? {} : { subresource }),
      ...(time === undefined ? {} : { time }),
    }),
  );
}

function inOrder(a: Owner, b: Owner): number {
  const key = ({ operation, time = '', manager, apiVersion, subresource }: Owner) => [
    operation,
    time,
    manager,
    apiVersion,
    subresource,
  ];
  const [left, right] = [key(a), key(b)];
  const first = left.findIndex((part, index) => part !== right[index]);
  return first < 0 ? 0 : (left[first] ?? '') < (right[first] ?? '') ? -1 : 1;
}

/** A list of one empty entry asks to forget all owners (Kubernetes documentation, "Clearing managedFields"). */
export function asksToForget(entries: Json | undefined): boolean {
  if (!Array.isArray(entries) || entries.length !== 1) return false;
  const [entry] = entries;
  return isObject(entry) && Object.keys(entry).length === 0;
}
