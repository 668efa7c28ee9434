import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a version of control groups is written and read (cgroup-v1/memory.rst and cgroup-v2.rst of the kernel). */
interface Version {
  readonly root: string;
  /** Files that bound a group, and what is written to them. @param limit bytes */
  readonly bounds: (limit: number) => Readonly<Record<string, number>>;
  readonly used: (read: Read) => Used;
}

type Read = (file: string) => string;

/** Bytes. */
export interface Used {
  readonly process: number;
  /** What its sockets keep in the kernel: part of what the limit bounds in version 2 only. */
  readonly tcp: number;
}

/** What the kernel counts as TCP memory when its limit is set; high enough to never be met. */
const TCP_LIMIT = 2 ** 40;

const V1: Version = {
  root: '/sys/fs/cgroup/memory',
  bounds: (limit) => ({
    'memory.kmem.tcp.limit_in_bytes': TCP_LIMIT,
    'memory.limit_in_bytes': limit,
  }),
  used: (read) => ({
    process:
      Number(read('memory.usage_in_bytes')) - field(read('memory.stat'), 'total_inactive_file'),
    tcp: Number(read('memory.kmem.tcp.usage_in_bytes')),
  }),
};

const V2: Version = {
  root: '/sys/fs/cgroup',
  bounds: (limit) => ({ 'memory.max': limit }),
  used: (read) => {
    const stat = read('memory.stat');
    const tcp = field(stat, 'sock');
    return {
      process: Number(read('memory.current')) - field(stat, 'inactive_file') - tcp,
      tcp,
    };
  },
};

/** That of this machine; undefined: it has no control groups for memory. */
function versionHere(): Version | undefined {
  if (existsSync(join(V1.root, 'memory.limit_in_bytes'))) return V1;
  const controllers = join(V2.root, 'cgroup.subtree_control');
  return existsSync(controllers) && readFileSync(controllers, 'utf8').includes('memory')
    ? V2
    : undefined;
}

/** A control group of its own for a process, with a limit on its memory. Linux, root. */
export class MemoryCgroup {
  readonly #version: Version;
  readonly #folder: string;

  /** Why none can be made here; undefined if one can. */
  static get obstacle(): string | undefined {
    if (process.getuid?.() !== 0) return 'making a control group takes root';
    if (versionHere() !== undefined) return undefined;
    return `there is no ${V1.root}, and memory is not in ${V2.root}/cgroup.subtree_control`;
  }

  /** @param limit bytes */
  constructor(limit: number) {
    const version = versionHere();
    if (version === undefined) throw new Error(MemoryCgroup.obstacle);
    this.#version = version;
    this.#folder = join(version.root, `chaosgate-flood-${process.pid}`);
    mkdirSync(this.#folder);
    for (const [file, value] of Object.entries(version.bounds(limit))) {
      writeFileSync(join(this.#folder, file), String(value));
    }
  }

  /** A command that runs what follows it in this group. */
  get wrapper(): readonly string[] {
    const procs = join(this.#folder, 'cgroup.procs');
    return ['sh', '-c', `echo $$ > ${procs} && exec "$@"`, 'sh'];
  }

  /** Now. */
  get used(): Used {
    return this.#version.used(this.#read);
  }

  /** Its processes must have ended. */
  async remove(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        rmdirSync(this.#folder);
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(20);
      }
    }
  }

  readonly #read: Read = (file) => readFileSync(join(this.#folder, file), 'latin1');
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
