import { existsSync } from 'node:fs';
import { run } from '../process.ts';
import { removeCgroups } from './cgroups.ts';
import type { Layout } from './layout.ts';
import { endProcesses } from './processes.ts';

/**
 * Leaves nothing of a node, in whatever state it is. Mounts, links and pods need no word: they are the node's
 * namespaces' own and vanish with PID 1 (see init.sh).
 */
export async function tearDown(layout: Layout): Promise<void> {
  await endProcesses(layout);
  if (existsSync(layout.networkNamespace)) await run(['ip', 'netns', 'del', layout.name]);
  await removeCgroups(layout.name);
  await run(['rm', '-rf', '--one-file-system', layout.state]);
}
