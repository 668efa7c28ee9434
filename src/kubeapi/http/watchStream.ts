import type { ServerResponse } from 'node:http';
import type { WatchBody } from '../answer.ts';
import type { WatchEvent } from '../verbs/watch.ts';

/** Events that may wait for a client to read; one that is further behind has to list again. */
const MAX_WAITING = 16_384;

const BOOKMARK_INTERVAL = 60_000;

/** A watch ends after this long in any case, in seconds, so that none is forgotten. */
const LONGEST = 3_600;

/** Writes a watch as it happens, until its time is up, the client is gone, or it reads too slowly. */
export function streamWatch(response: ServerResponse, { watch, line }: WatchBody): void {
  const waiting: WatchEvent[] = [];
  let isFlowing = true;
  let isOver = false;

  const pump = (): void => {
    while (isFlowing && waiting.length > 0) {
      const event = waiting.shift();
      if (event === undefined) break;
      isFlowing = response.write(line(event));
      // Nothing follows an error: the client begins again.
      if (event.type === 'ERROR') finish();
    }
    if (isOver && waiting.length === 0) response.end();
  };
  const send = (event: WatchEvent): void => {
    if (isOver) return;
    waiting.push(event);
    if (waiting.length > MAX_WAITING) response.destroy();
    else pump();
  };
  const finish = (): void => {
    isOver = true;
    release();
  };

  const seconds = watch.timeoutSeconds ?? 0;
  const timeout = setTimeout(
    () => {
      finish();
      pump();
    },
    (seconds > 0 ? Math.min(seconds, LONGEST) : LONGEST) * 1_000,
  );
  const bookmarks = watch.allowsBookmarks
    ? setInterval(() => send(watch.bookmark()), BOOKMARK_INTERVAL)
    : undefined;
  let stop = (): void => {};
  const release = (): void => {
    clearTimeout(timeout);
    clearInterval(bookmarks);
    stop();
  };
  response.on('drain', () => {
    isFlowing = true;
    pump();
  });
  response.on('close', finish);
  response.flushHeaders();
  stop = watch.start(send);
  // It may have ended while it began.
  if (isOver) release();
}
