import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The files of a memory cgroup, by the version of the hierarchy (cgroups(7)). */
const FILES = {
  cgroup: {
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
  cgroup2: { limit: 'memory.max', peak: 'memory.peak', kills: 'memory.events' },
} as const;

/** Bounds the memory of processes as a container's limit does. */
export class MemoryGroup {
  readonly #folder: string;
  readonly #files: (typeof FILES)[keyof typeof FILES];

  /** Undefined where there is no hierarchy that this user may write to. */
  static make(name: string, limitBytes: number): MemoryGroup | undefined {
    const found = memoryMount(readFileSync('/proc/self/mounts', 'utf8'));
    if (found === undefined) return undefined;
    const folder = join(found.path, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, FILES[found.type].limit), String(limitBytes));
    } catch {
      return undefined;
    }
    return new MemoryGroup(folder, FILES[found.type]);
  }

  private constructor(folder: string, files: (typeof FILES)[keyof typeof FILES]) {
    this.#folder = folder;
    this.#files = files;
  }

  /** The command that runs that one within the bounds, as the same process. */
  wrap(command: readonly string[]): string[] {
    const enter = `echo $$ >"$0" && exec "$@"`;
    return ['sh', '-c', enter, join(this.#folder, 'cgroup.procs'), ...command];
  }

  get peakBytes(): number {
    return Number(this.#read(this.#files.peak));
  }

  /** Processes that the kernel ended out of memory. */
  get kills(): number {
    return Number(/oom_kill (\d+)/.exec(this.#read(this.#files.kills))?.[1] ?? 0);
  }

  /** To be called when its processes have ended. */
  async remove(): Promise<void> {
    for (let tries = 0; existsSync(this.#folder) && tries < 100; tries += 1) {
      try {
        rmdirSync(this.#folder);
      } catch {
        // The kernel says EBUSY for a moment after the last process is gone.
        await sleep(20);
      }
    }
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }
}

function memoryMount(mounts: string): { type: keyof typeof FILES; path: string } | undefined {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const first = lines.find(
    ([, , type, options]) => type === 'cgroup' && options?.split(',').includes('memory'),
  );
  if (first?.[1] !== undefined) return { type: 'cgroup', path: first[1] };
  const second = lines.find(([, , type]) => type === 'cgroup2');
  if (second?.[1] === undefined) return undefined;
  const controllers = readFileSync(join(second[1], 'cgroup.subtree_control'), 'utf8');
  return controllers.includes('memory') ? { type: 'cgroup2', path: second[1] } : undefined;
}
