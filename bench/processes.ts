import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** How much of a program's standard error is kept for the message when it fails, in characters. */
const KEPT_OUTPUT = 4_000;

/** Milliseconds: for a program to end when it is told to, and between looks at one that starts. */
const STOP_LIMIT = 10_000;
const START_LIMIT = 60_000;
const START_POLL = 20;

/** Clock ticks per second in /proc (proc_pid_stat(5)): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// Without a listener these end the process, and what it started stays.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/** A program that was started here. */
export interface Program {
  readonly pid: number;
  readonly stdin: Writable;
  /** Somebody has to read it: a full pipe would hold the program up. */
  readonly stdout: Readable;
  /** Tells it to end and waits until it has; after a while it is ended. */
  stop(): Promise<void>;
  /** Resolves when `probe` does without an error; rejects when the program ends or takes too long. Its output is not read. */
  ready(probe: () => Promise<unknown>): Promise<void>;
}

/** Starts a program that ends with this process at the latest. */
export async function start(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-KEPT_OUTPUT);
  });
  const ended = once(child, 'exit').finally(() => running.delete(child));
  ended.catch(() => {});
  await Promise.race([once(child, 'spawn'), ended]);
  running.add(child);
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
      await ended.finally(() => clearTimeout(late));
    },
    async ready(probe) {
      child.stdout.resume();
      const deadline = performance.now() + START_LIMIT;
      for (;;) {
        if (child.exitCode !== null) throw new Error(`${file} ended: ${tail}`);
        try {
          await probe();
          return;
        } catch (cause) {
          if (performance.now() > deadline) {
            throw new Error(`${file} is not ready: ${tail}`, { cause });
          }
          await sleep(START_POLL);
        }
      }
    },
  };
}

/** A TCP port of the loopback address that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port');
  return address.port;
}

/** Seconds of processor time that a process and its children have used so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and brackets; after it come the state and the numbers from the fourth field on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  return own / TICKS_PER_SECOND + children(pid).reduce((sum, child) => sum + cpuOf(child), 0);
}

function cpuOf(pid: number): number {
  try {
    return cpuSeconds(pid);
  } catch {
    // It has ended since, and its parent has its time.
    return 0;
  }
}

function children(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** File descriptors that a process has open now. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Bytes of memory that a process has now: all of it, and with what it shares split among those who share. */
export function memoryOf(pid: number): { readonly rss: number; readonly pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (field: string) => {
    const kibibytes = new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(text)?.[1];
    return Number(kibibytes) * 1024;
  };
  return { rss: bytes('Rss'), pss: bytes('Pss') };
}

/** Bytes that a process has read and not written, of everything since its start: proc_pid_io(5). */
export function heldBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  const bytes = (field: string) => Number(new RegExp(`^${field}: (\\d+)$`, 'm').exec(text)?.[1]);
  return bytes('rchar') - bytes('wchar');
}
