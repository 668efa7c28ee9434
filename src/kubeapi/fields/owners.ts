import type { Json } from '../../json/json.ts';
import type { Schema } from '../../schema/schema.ts';
import { merge } from './merge.ts';
import { prune } from './prune.ts';
import { FieldSet } from './set.ts';
import { same } from './typed.ts';
import { compare, ownedBy } from './walk.ts';

/** Who may own fields: a name, and how and where it writes. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
}

export interface Owner extends Manager {
  readonly fields: FieldSet;
  /** RFC 3339, when it last took fields. */
  readonly time?: string;
}

export interface FieldConflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

/** An applied configuration would change what others own. */
export class ApplyConflicts extends Error {
  readonly conflicts: readonly FieldConflict[];

  constructor(conflicts: readonly FieldConflict[]) {
    super('conflicts');
    this.conflicts = conflicts;
  }
}

function sameManager(a: Manager, b: Manager): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** Owners after an update by `manager`: what it changed is its own from now on, and nobody else's. */
export function ownersAfterUpdate(
  schema: Schema,
  live: Json,
  updated: Json,
  owners: readonly Owner[],
  manager: Manager,
  { ignored, time }: { ignored: FieldSet; time: string },
): Owner[] {
  const difference = compare(schema, live, updated);
  const taken = difference.added.union(difference.modified).without(ignored);
  const removed = difference.removed.without(ignored);
  const others = owners.map((owner) => ({
    ...owner,
    fields: owner.fields.difference(taken).difference(removed),
  }));
  if (taken.isEmpty) return others.filter(ownsSomething);
  const previous = others.find((owner) => sameManager(owner, manager))?.fields ?? FieldSet.EMPTY;
  return [
    ...others.filter((owner) => !sameManager(owner, manager)),
    { ...manager, fields: previous.union(taken), time },
  ].filter(ownsSomething);
}

export interface Applied {
  /** undefined when the configuration changes nothing. */
  readonly object: Json | undefined;
  readonly owners: Owner[];
}

/** Applies a configuration. Throws `ApplyConflicts`, unless `force`, when it would change what others own. */
export function applyConfig(
  schema: Schema,
  live: Json,
  config: Json,
  owners: readonly Owner[],
  manager: Manager,
  { ignored, force, time }: { ignored: FieldSet; force: boolean; time: string },
): Applied {
  const before = owners.find((owner) => sameManager(owner, manager));
  const own = ownedBy(schema, config).without(ignored);
  const others = owners.filter((owner) => !sameManager(owner, manager));
  const merged = merge(schema, live, config) ?? null;
  const owned = others.reduce((all, { fields }) => all.union(fields), own);
  const object = prune(schema, merged, before?.fields ?? FieldSet.EMPTY, owned);

  const difference = compare(schema, live, object);
  const taken = difference.added.union(difference.modified).without(ignored);
  const removed = difference.removed.without(ignored);
  const conflicts = others.flatMap((owner): FieldConflict[] => {
    const fields = owner.fields.intersection(taken);
    return fields.isEmpty ? [] : [{ owner, fields }];
  });
  if (!force && conflicts.length > 0) throw new ApplyConflicts(conflicts);

  const changed = !same(live, object);
  const since = changed ? time : before?.time;
  const remaining = others.map((owner) => ({
    ...owner,
    fields: owner.fields.difference(taken).difference(removed),
  }));
  const mine: Owner = { ...manager, fields: own, ...(since === undefined ? {} : { time: since }) };
  return {
    object: changed ? object : undefined,
    owners: [...remaining, mine].filter(ownsSomething),
  };
}

function ownsSomething({ fields }: Owner): boolean {
  return !fields.isEmpty;
}
