import { onTestFinished } from 'vitest';
import { until } from './time.ts';

type Task = () => unknown;

/** Of the running test; undefined when there are none yet. */
let tasks: Task[] | undefined;

/**
 * Frees something when the running test has ended, the last one first. Then no socket may be left: whatever the
 * gate forgets fails the test.
 */
export function atEnd(task: Task): void {
  if (tasks === undefined) {
    const own: Task[] = [];
    tasks = own;
    onTestFinished(async () => {
      tasks = undefined;
      for (const next of own.toReversed()) await next();
      await until(
        () => `every socket is closed: ${openSockets().join(', ')}`,
        () => openSockets().length === 0,
        5_000,
      );
    });
  }
  tasks.push(task);
}

/** Kinds of the sockets of this process that are open. */
function openSockets(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
}
