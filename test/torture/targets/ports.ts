import { createServer } from 'node:net';
import type { Random } from '../random.ts';

/** Below those that the kernel gives to clients: one of them could take the port of a process that starts again. */
const FROM = 15_000;
const TO = 30_000;

/** A port that nobody listens on, and that no client gets by chance. */
export async function lastingPort(random: Random, host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = random.integer(FROM, TO);
    if (await isFree(port, host)) return port;
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
