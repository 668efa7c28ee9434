import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const BYTES = 1_048_576;

/** A file system of a mebibyte, which can be filled. */
export class SmallDisk {
  readonly folder: string;
  readonly #isMounted: boolean;

  static async make(): Promise<SmallDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'chaosgate-torture-'));
    const isMounted = await run('mount', [
      ...['-t', 'tmpfs', '-o', `size=${BYTES},mode=700`],
      ...['chaosgate-torture', folder],
    ]).then(
      () => true,
      () => false,
    );
    return new SmallDisk(folder, isMounted);
  }

  private constructor(folder: string, isMounted: boolean) {
    this.folder = folder;
    this.#isMounted = isMounted;
  }

  /** Whether it can be filled: not without the right to mount. */
  get canBeFilled(): boolean {
    return this.#isMounted;
  }

  /** Leaves not a byte. */
  async fill(): Promise<void> {
    const error = await writeFile(this.#filling, Buffer.alloc(2 * BYTES)).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (error?.code !== 'ENOSPC') throw new Error('The disk is not full', { cause: error });
  }

  async empty(): Promise<void> {
    await rm(this.#filling, { force: true });
  }

  async remove(): Promise<void> {
    if (this.#isMounted) await run('umount', [this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }

  get #filling(): string {
    return join(this.folder, 'filling');
  }
}
