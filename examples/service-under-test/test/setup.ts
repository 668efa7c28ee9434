import { chaosTest } from 'chaosgate/vitest';
import { inject } from 'vitest';
import { startService } from '../service.ts';

/**
 * The gate first, the service second: to the service the gate is the database. Each test gets both, with the gate reset.
 *
 * `local` runs the gate in this process. Without it, KUBECONFIG decides: `chaosgate up`, or a cluster.
 */
export const test = chaosTest({
  local: true,
  gates: {
    postgres: () => {
      const { host, port } = inject('database');
      return { upstream: { host, port } };
    },
  },
}).extend('service', { scope: 'file' }, async ({ postgres }, { onCleanup }) => {
  const { user, password } = inject('database');
  const service = await startService({ host: postgres.host, port: postgres.port, user, password });
  onCleanup(() => service.close());
  return service;
});
