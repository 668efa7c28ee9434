import type { z } from 'zod';
import { amountOf } from '../kube/quantity.ts';
import type { resources } from './podSettings.ts';

export type Resources = z.infer<typeof resources>;

/** Bytes: with less, a proxy is killed before it holds anything worth the while. */
const LEAST_MEMORY = 128 * 1024 * 1024;

/** Bytes that a proxy takes besides: see src/proxy/memory.ts. */
const PROCESS_MEMORY = 96 * 1024 * 1024;

/** What can be wrong with a proxy's resources beside the syntax, by field. */
export function resourceProblems(
  { limits = {}, requests = {} }: Resources,
  processBytes: number,
): { readonly field: readonly string[]; readonly message: string }[] {
  const problems = [];
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if ((amountOf(request) ?? 0) <= (amountOf(limit) ?? Number.POSITIVE_INFINITY)) continue;
    problems.push({ field: ['requests', name], message: `must be at most the limit, ${limit}` });
  }
  const field = ['limits', 'memory'];
  const memory = amountOf(limits.memory) ?? Number.POSITIVE_INFINITY;
  if (memory < LEAST_MEMORY) problems.push({ field, message: 'must be at least 128Mi' });
  else if (processBytes > 0 && memory < PROCESS_MEMORY + 2 * processBytes) {
    const message = `must be at least 96Mi and twice proxy.buffers.processBytes (${processBytes}): the process and the sockets need memory, too`;
    problems.push({ field, message });
  }
  return problems;
}
