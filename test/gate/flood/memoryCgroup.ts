import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup/memory';

/** What the kernel counts as TCP memory when its limit is set; high enough to never be met. */
const TCP_LIMIT = 2 ** 40;

/** A control group of its own for a process, with a limit on its memory (cgroup v1, memory.txt). Linux, root. */
export class MemoryCgroup {
  readonly #folder: string;

  /** Why none can be made here; undefined if one can. */
  static get obstacle(): string | undefined {
    if (process.getuid?.() !== 0) return 'making a control group takes root';
    if (!existsSync(join(ROOT, 'memory.limit_in_bytes'))) {
      return `${ROOT} is no hierarchy of memory control groups (version 1)`;
    }
    return undefined;
  }

  /** @param limit bytes */
  constructor(limit: number) {
    this.#folder = join(ROOT, `chaosgate-flood-${process.pid}`);
    mkdirSync(this.#folder);
    this.#write('memory.kmem.tcp.limit_in_bytes', TCP_LIMIT);
    this.#write('memory.limit_in_bytes', limit);
  }

  /** A command that runs what follows it in this group. */
  get wrapper(): readonly string[] {
    const procs = join(this.#folder, 'cgroup.procs');
    return ['sh', '-c', `echo $$ > ${procs} && exec "$@"`, 'sh'];
  }

  /** Bytes now: of the process, and of what its sockets keep in the kernel. Version 2 counts both as one. */
  get used(): { readonly process: number; readonly tcp: number } {
    return {
      process: this.#number('memory.usage_in_bytes') - this.#stat('total_inactive_file'),
      tcp: this.#number('memory.kmem.tcp.usage_in_bytes'),
    };
  }

  /** Processes that were killed because the limit was reached. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.#read('memory.oom_control'))?.[1] ?? 0);
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

  #stat(field: string): number {
    return Number(new RegExp(`^${field} (\\d+)$`, 'm').exec(this.#read('memory.stat'))?.[1] ?? 0);
  }

  #number(file: string): number {
    return Number(this.#read(file));
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'latin1');
  }

  #write(file: string, value: number): void {
    writeFileSync(join(this.#folder, file), String(value));
  }
}
