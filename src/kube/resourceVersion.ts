/**
 * Whether one resource version of an object is older than another. Both are decimal numbers that grow with every write
 * (Kubernetes enhancement 5504, "Comparable Resource Version"; revisions of etcd before it).
 */
export function isOlder(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
