import { readFileSync } from 'node:fs';

/** Of all sockets of the machine, in pages, and where the kernel begins to shrink their buffers (tcp(7), tcp_mem). */
interface KernelMemory {
  readonly used: number;
  readonly pressure: number;
  readonly limit: number;
}

/** @param sockstat, tcpMem texts of /proc/net/sockstat and /proc/sys/net/ipv4/tcp_mem; undefined if they do not tell */
export function parseKernelMemory(sockstat: string, tcpMem: string): KernelMemory | undefined {
  const used = /^TCP:.* mem (\d+)$/m.exec(sockstat)?.[1];
  const [, pressure, limit] = tcpMem.trim().split(/\s+/);
  if (used === undefined || pressure === undefined || limit === undefined) return undefined;
  return { used: Number(used), pressure: Number(pressure), limit: Number(limit) };
}

/**
 * Behind the message of a test that waits for bytes: under pressure the kernel shrinks windows and drops what has come, so
 * that a connection carries a few percent of its rate, or nothing for seconds, whatever the gate does. Empty if there is
 * enough, or if the system does not tell.
 */
export function kernelNote(memory = kernelMemory()): string {
  if (memory === undefined || memory.used < memory.pressure) return '';
  const { used, pressure, limit } = memory;
  return ` (the kernel is short of memory for TCP, which may be why: all sockets have ${used} pages of at most ${limit}, and it slows them down from ${pressure} on; see "A starved kernel" in CONTRIBUTING.md)`;
}

/** As it is now; undefined where the system does not tell. */
export function kernelMemory(): KernelMemory | undefined {
  try {
    return parseKernelMemory(
      readFileSync('/proc/net/sockstat', 'latin1'),
      readFileSync('/proc/sys/net/ipv4/tcp_mem', 'latin1'),
    );
  } catch {
    // Not Linux.
    return undefined;
  }
}
