import { StatusError } from '../errors.ts';
import type { FieldConflict, Owner } from './owners.ts';
import { pathText } from './set.ts';

/** A 409 that names every field that others own. */
export function conflictStatus(conflicts: readonly FieldConflict[]): StatusError {
  const found = conflicts
    .toSorted((a, b) => (identifierOf(a.owner) < identifierOf(b.owner) ? -1 : 1))
    .map(({ owner, fields }) => ({
      who: ownerText(owner),
      fields: fields.paths().map(pathText),
    }));
  const count = found.reduce((sum, { fields }) => sum + fields.length, 0);
  const causes = found.flatMap(({ who, fields }) =>
    fields.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${who}`,
      field,
    })),
  );
  const text =
    count === 1
      ? `1 conflict: ${causes[0]?.message}: ${causes[0]?.field}`
      : `${count} conflicts: ${found.map(conflictText).join('\n')}`;
  return new StatusError(409, 'Conflict', `Apply failed with ${text}`, { causes });
}

function conflictText({ who, fields }: { who: string; fields: readonly string[] }): string {
  return [`conflicts with ${who}:`, ...fields.map((field) => `- ${field}`)].join('\n');
}

function ownerText({ manager, operation, apiVersion, subresource }: Owner): string {
  const where = subresource === '' ? '' : ` with subresource "${subresource}"`;
  const how = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `"${manager}"${where}${how}`;
}

/** By which a real API server tells managers apart, and sorts them. */
function identifierOf({ manager, operation, apiVersion, subresource }: Owner): string {
  const where = subresource === '' ? {} : { subresource };
  return JSON.stringify({ manager, operation, apiVersion, ...where });
}
