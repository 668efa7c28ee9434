const MEBIBYTE = 1024 * 1024;

/** Bytes held at most where nothing limits the memory of the process. */
const UNLIMITED_DEFAULT = 256 * MEBIBYTE;

/** Bytes that the process takes without a connection, and some to spare. */
const PROCESS = 96 * MEBIBYTE;

/** The least that can be worked with, in bytes. */
const LEAST = 8 * MEBIBYTE;

/**
 * The memory that all connections together may take where nobody says it: half of what the limit leaves to them. The
 * other half is for what the allocator keeps of memory that was freed, what is garbage, and the kernel's buffers of sockets.
 *
 * @param memoryLimit bytes, of the cgroup; 0 or more than any machine has where there is none
 */
export function defaultProcessBytes(memoryLimit: number): number {
  if (memoryLimit <= 0 || memoryLimit > Number.MAX_SAFE_INTEGER) return UNLIMITED_DEFAULT;
  return Math.max(LEAST, Math.floor((memoryLimit - PROCESS) / 2));
}
