/**
 * Breaks four connections to a PostgreSQL server on the test cluster, with every command and its real answer on the screen:
 * brings the cluster up, builds the image, puts it on, and runs `play.ts` where the cluster can be reached.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureCluster } from '../cluster/cluster.ts';
import { buildImage, IMAGE } from '../cluster/image.ts';

const cluster = await ensureCluster();
try {
  await cluster.load(await buildImage(IMAGE));
  const [command = '', ...args] = cluster.wrap([
    process.execPath,
    join(import.meta.dirname, 'play.ts'),
  ]);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    const env = { ...process.env, ...cluster.env };
    const child = spawn(command, args, { stdio: 'inherit', env });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
} finally {
  if (!cluster.wasRunning) await cluster.down();
}
