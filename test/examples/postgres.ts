/** Installs what the examples need and a fresh machine lacks: Debian's PostgreSQL, once. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { findPostgres } from '../../examples/service-under-test/test/postgres.ts';
import { installPackages } from '../cluster/debian.ts';
import { which } from '../cluster/process.ts';

const SETTINGS = '/etc/postgresql-common';

/** For `globalSetup` of vitest. Where it cannot install, the example says what it lacks. */
export default async function setup(): Promise<void> {
  const canInstall = process.getuid?.() === 0 && which('apt-get') !== undefined;
  if (process.env.PGHOST !== undefined || findPostgres() !== undefined || !canInstall) return;
  // The tests start a server of their own: Debian would make and start another one.
  if (!existsSync(SETTINGS)) {
    await mkdir(SETTINGS);
    await writeFile(`${SETTINGS}/createcluster.conf`, 'create_main_cluster = false\n');
  }
  await installPackages(['postgresql']);
}
