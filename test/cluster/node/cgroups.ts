import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../poll.ts';

/** The cgroup mounts of a machine: version 1 has one per controller, version 2 a single one. */
interface Hierarchies {
  readonly version: 1 | 2;
  readonly mountPoints: readonly string[];
}

/** @param mounts the text of /proc/self/mounts, see proc_pid_mounts(5) */
function hierarchiesIn(mounts: string): Hierarchies {
  const fields = mounts.split('\n').map((line) => line.split(' '));
  const mountPoints = (type: string) =>
    fields.flatMap(([, path, fstype]) => (path !== undefined && fstype === type ? [path] : []));
  const v1 = mountPoints('cgroup');
  const v2 = mountPoints('cgroup2');
  // Next to version 1, a version 2 mount has no controllers, but runc wants its folder there too.
  return { version: v1.length > 0 ? 1 : 2, mountPoints: [...v1, ...v2] };
}

/** Makes the folder that the kubelet puts its pods under, in every hierarchy. */
export async function makeCgroups(name: string): Promise<void> {
  const { version, mountPoints } = await hierarchies();
  for (const mountPoint of mountPoints) {
    if (version === 2) await delegateControllers(mountPoint);
    const folder = join(mountPoint, name);
    await mkdir(folder, { recursive: true });
    if (version === 1 && existsSync(join(folder, 'cpuset.cpus'))) {
      // A new cpuset is empty, and nothing runs in an empty one; see cpuset(7).
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        await copyFile(join(mountPoint, file), join(folder, file));
      }
    }
  }
}

/** Removes the folder and all below it; call it when the processes are gone. */
export async function removeCgroups(name: string): Promise<void> {
  const { mountPoints } = await hierarchies();
  for (const mountPoint of mountPoints) {
    const folder = join(mountPoint, name);
    // The kernel says EBUSY for a moment after the last process is gone.
    await until(`${folder} is removed`, { timeoutMs: 10_000, intervalMs: 50 }, () =>
      removed(folder),
    );
  }
}

async function hierarchies(): Promise<Hierarchies> {
  return hierarchiesIn(await readFile('/proc/self/mounts', 'utf8'));
}

/** Version 2 hands controllers down one level at a time; see "Enabling and Disabling" in the kernel's cgroup-v2. */
async function delegateControllers(mountPoint: string): Promise<void> {
  const controllers = (await readFile(join(mountPoint, 'cgroup.controllers'), 'utf8')).trim();
  const wanted = controllers.split(' ').map((controller) => `+${controller}`);
  try {
    await writeFile(join(mountPoint, 'cgroup.subtree_control'), wanted.join(' '));
  } catch (error) {
    throw new Error(
      `${mountPoint} does not hand its controllers down. In a container, move its processes into a cgroup of their own first.`,
      { cause: error },
    );
  }
}

async function removed(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return true;
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory() && !(await removed(join(folder, entry.name)))) return false;
  }
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}
