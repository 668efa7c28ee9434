import { join } from 'node:path';
import { kubectl, tryKubectl } from '../../test/cluster/tests/support/kubectl.ts';

const CRDS = join(import.meta.dirname, '../../crds');

/** Sees to it that the cluster knows TcpGates; what it returns takes that back, unless it was so before. */
export async function ensureDefinition(): Promise<() => Promise<void>> {
  const { code, stderr } = await tryKubectl(['create', '-f', CRDS]);
  if (code !== 0 && stderr.includes('already exists')) return async () => {};
  if (code !== 0) throw new Error(stderr);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', '-f', CRDS]);
  return async () => {
    await kubectl(['delete', '--wait', '-f', CRDS]);
  };
}
