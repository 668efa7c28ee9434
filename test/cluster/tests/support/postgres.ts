import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from '../../agent/postgres.ts';
import { PASSWORD, POSTGRES_IMAGE } from './manifests.ts';
import type { Namespace } from './namespace.ts';

const examples = join(import.meta.dirname, '../../../../examples/postgres');

/** The example's gate, as it is in the repository. */
const GATE_FILE = join(examples, 'gate.yaml');

/** Clients reach the example's gate here. */
export const THROUGH_GATE: Server = { host: 'postgres', port: 5432, password: PASSWORD };

/** Starts the example's server, from an image that the cluster has. */
export async function startPostgres(namespace: Namespace): Promise<void> {
  const manifest = await readFile(join(examples, 'postgres.yaml'), 'utf8');
  await namespace.apply(manifest.replace(/image: .*/, `image: ${POSTGRES_IMAGE}`));
  await namespace.kubectl('rollout', 'status', 'statefulset/postgres-primary', '--timeout=120s');
}

/** Applies the example's gate and waits until it serves. */
export async function startGate(namespace: Namespace): Promise<void> {
  await namespace.kubectl('apply', '-f', GATE_FILE);
  await namespace.wait('postgres', 'Ready', 60);
}
