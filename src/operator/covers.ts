type Json = unknown;

/** Quantities come back in canonical form ("0.5" as "500m"): the template's hash speaks for them. */
const OPAQUE = new Set(['resources']);

/**
 * Whether `live` says everything that `desired` says. The API server adds defaults, so fields that are
 * not desired do not count; lists must agree item by item.
 */
export function covers(live: Json, desired: Json): boolean {
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((item, index) => covers(live[index], item))
    );
  }
  if (typeof desired === 'object' && desired !== null) {
    if (typeof live !== 'object' || live === null) return false;
    return Object.entries(desired).every(
      ([key, value]) => OPAQUE.has(key) || covers((live as Record<string, Json>)[key], value),
    );
  }
  return live === desired;
}
