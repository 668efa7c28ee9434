import { type Json, type JsonObject, objectIn, textIn, withField } from '../../json/json.ts';
import { internal } from '../errors.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { conflictStatus } from './conflicts.ts';
import { KUBECTL, lastAppliedFields, withLastApplied } from './lastApplied.ts';
import { asksToForget, readManagedFields, writeManagedFields } from './managedFields.ts';
import {
  ApplyConflicts,
  applyConfig,
  type Manager,
  type Owner,
  ownersAfterUpdate,
} from './owners.ts';
import { FieldSet } from './set.ts';
import { typeProblems } from './typeProblems.ts';

/** Who writes where, and when. */
export interface Writer {
  readonly kind: Kind;
  readonly manager: string;
  readonly subresource: '' | 'status';
  readonly time: string;
}

/** Nobody owns what the server sets, nor what names the object. */
const UNOWNED = FieldSet.of(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation'].map((name) => [
    'f:metadata',
    `f:${name}`,
  ]),
  ['f:metadata', 'f:managedFields'],
  ['f:metadata', 'f:resourceVersion'],
);

const STATUS = FieldSet.of(['f:status']);
const SPEC = FieldSet.of(['f:spec']);

/** Managers of updates that are remembered one by one; the oldest of more become one. */
const MAX_UPDATERS = 10;

/** What the main resource cannot write, or `/status` cannot. */
function ignoredBy({ kind, subresource }: Writer): FieldSet {
  if (kind.unowned !== undefined) return FieldSet.of(...kind.unowned.map((name) => [`f:${name}`]));
  if (!kind.hasStatus) return FieldSet.EMPTY;
  return subresource === 'status' ? SPEC : STATUS;
}

/** The updated object with its owners. `live` is undefined for a new one. */
export function trackUpdate(
  live: JsonObject | undefined,
  updated: JsonObject,
  writer: Writer,
): JsonObject {
  const owners = ownersToBegin(live, updated, writer);
  // Who asked to forget all owners does not want to be one.
  if (owners.length === 0 && live !== undefined) return withOwners(updated, []);
  const { kind, time } = writer;
  const after = ownersAfterUpdate(
    kind.schema,
    withoutManagedFields(live ?? kind.fromStored({})),
    withoutManagedFields(updated),
    owners,
    managerOf(writer, 'Update'),
    { ignored: ignoredBy(writer), time },
  );
  return withOwners(updated, capped(owned(after)));
}

function ownersToBegin(
  live: JsonObject | undefined,
  updated: JsonObject,
  { subresource }: Writer,
): Owner[] {
  const given = objectIn(updated, 'metadata').managedFields;
  const existing = readManagedFields(objectIn(live, 'metadata').managedFields) ?? [];
  if (subresource !== '') return existing;
  if (asksToForget(given)) return [];
  const named = readManagedFields(given);
  return named === undefined || named.length === 0 ? existing : named;
}

/** Applies a configuration on the server's side. Throws a 409 that names the conflicts, unless `force`. */
export function serverSideApply(
  live: JsonObject,
  config: JsonObject,
  writer: Writer,
  force: boolean,
): JsonObject {
  const { kind, time } = writer;
  const problems = typeProblems(kind.schema, config).sort();
  if (problems.length > 0) {
    const metadata = objectIn(config, 'metadata');
    const named = `${textIn(metadata, 'namespace')}/${textIn(metadata, 'name')}`;
    const text = problems.length === 1 ? problems[0] : `errors:\n  ${problems.join('\n  ')}`;
    throw internal(
      `failed to create typed patch object (${named}; ${apiVersionOf(kind)}, Kind=${kind.kind}): ${text}`,
    );
  }
  const owners = ownersToApplyOver(live, writer);
  const attempt = (forced: boolean): JsonObject => {
    const manager = managerOf(writer, 'Apply');
    const rules = { ignored: ignoredBy(writer), force: forced, time };
    const before = withoutManagedFields(live);
    const applied = applyConfig(kind.schema, before, config, owners, manager, rules);
    return withOwners((applied.object ?? before) as JsonObject, owned(applied.owners));
  };
  const result = attemptOrTakeOver(attempt, live, writer, force);
  return writer.manager === KUBECTL ? withLastApplied(result, config) : result;
}

/** kubectl may take over without force what it applied on the client's side before. */
function attemptOrTakeOver(
  attempt: (force: boolean) => JsonObject,
  live: JsonObject,
  { kind, manager }: Writer,
  force: boolean,
): JsonObject {
  try {
    return attempt(force);
  } catch (error) {
    if (!(error instanceof ApplyConflicts)) throw error;
    const allowed = manager === KUBECTL ? lastAppliedFields(kind, live) : FieldSet.EMPTY;
    const remaining = error.conflicts
      .map(({ owner, fields }) => ({ owner, fields: fields.difference(allowed) }))
      .filter(({ fields }) => !fields.isEmpty);
    if (remaining.length > 0) throw conflictStatus(remaining);
    return attempt(true);
  }
}

/** An object that nobody owned until its first apply gets an owner for what it was before. */
function ownersToApplyOver(live: JsonObject, writer: Writer): Owner[] {
  const owners = readManagedFields(objectIn(live, 'metadata').managedFields) ?? [];
  if (owners.length > 0 || objectIn(live, 'metadata').uid === undefined) return owners;
  const before = managerOf({ ...writer, manager: 'before-first-apply' }, 'Update');
  const rules = { ignored: FieldSet.EMPTY, time: writer.time };
  return ownersAfterUpdate(writer.kind.schema, {}, withoutManagedFields(live), [], before, rules);
}

function managerOf(
  { kind, manager, subresource }: Writer,
  operation: Manager['operation'],
): Manager {
  return { manager, operation, apiVersion: apiVersionOf(kind), subresource };
}

function owned(owners: readonly Owner[]): Owner[] {
  return owners
    .map((owner) => ({ ...owner, fields: owner.fields.difference(UNOWNED) }))
    .filter(({ fields }) => !fields.isEmpty);
}

function capped(owners: readonly Owner[]): Owner[] {
  const updaters = owners
    .filter(({ operation }) => operation === 'Update')
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  const oldest = updaters.slice(0, Math.max(updaters.length - MAX_UPDATERS + 1, 0));
  const [first] = oldest;
  if (updaters.length <= MAX_UPDATERS || first === undefined) return [...owners];
  const fields = oldest.reduce((all, owner) => all.union(owner.fields), FieldSet.EMPTY);
  return [
    ...owners.filter((owner) => !oldest.includes(owner)),
    { ...first, manager: 'ancient-changes', subresource: '', fields },
  ];
}

function withoutManagedFields(object: JsonObject): JsonObject {
  if (objectIn(object, 'metadata').managedFields === undefined) return object;
  return withField(
    object,
    'metadata',
    withField(objectIn(object, 'metadata'), 'managedFields', undefined),
  );
}

function withOwners(object: JsonObject, owners: readonly Owner[]): JsonObject {
  const entries: Json[] = writeManagedFields(owners);
  const metadata = withField(
    objectIn(object, 'metadata'),
    'managedFields',
    entries.length === 0 ? undefined : entries,
  );
  return { ...object, metadata };
}
