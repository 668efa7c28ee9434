import { execFile } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { type Programs, TOXIPROXY_VERSION } from './programs.ts';
import type { Machine } from './results.ts';

const run = promisify(execFile);

/** This machine, and the versions of what is measured. */
export async function thisMachine({ haproxy, socat }: Partial<Programs>): Promise<Machine> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    programs: {
      node: process.versions.node,
      toxiproxy: TOXIPROXY_VERSION,
      ...(await versionOf('haproxy', haproxy, '-v')),
      ...(await versionOf('socat', socat, '-V')),
    },
  };
}

async function versionOf(name: string, path: string | undefined, flag: string) {
  if (path === undefined) return {};
  const { stdout } = await run(path, [flag]);
  return { [name]: /version (\d[\w.]*)/.exec(stdout)?.[1] ?? 'unknown' };
}
