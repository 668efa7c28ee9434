const MEBIBYTE = 1024 * 1024;

/** Bytes held at most where nothing limits the memory of the process. */
const UNLIMITED_DEFAULT = 256 * MEBIBYTE;

/**
 * The bytes that all connections may hold together where nobody says it: half of the memory limit. The process, what
 * bytes cost beside themselves, and the kernel's buffers of sockets have to fit in, too.
 *
 * @param memoryLimit bytes, of the cgroup; 0 or more than any machine has where there is none
 */
export function defaultProcessBytes(memoryLimit: number): number {
  if (memoryLimit <= 0 || memoryLimit > Number.MAX_SAFE_INTEGER) return UNLIMITED_DEFAULT;
  return Math.max(65_536, Math.floor(memoryLimit / 2));
}
