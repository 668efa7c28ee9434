import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from '../processes.ts';
import { cannotInject, type Peer } from './peer.ts';
import { answers } from './socat.ts';

/** TCP mode, everything else as it comes: as many threads as there are processors, no splicing. */
export function haproxy(path: string): Peer {
  return {
    name: 'haproxy',
    async start(upstreamPort) {
      const port = await freePort();
      const folder = await mkdtemp(join(tmpdir(), 'chaosgate-bench-'));
      const file = join(folder, 'haproxy.cfg');
      await writeFile(file, configuration(port, upstreamPort));
      const program = await start([path, '-db', '-f', file]);
      await program.ready(() => answers(port));
      return {
        address: `127.0.0.1:${port}`,
        pid: program.pid,
        inject: cannotInject,
        async stop() {
          await program.stop();
          await rm(folder, { recursive: true });
        },
      };
    },
  };
}

/** `maxconn` wants two file descriptors each, and a few more. */
function configuration(port: number, upstreamPort: number): string {
  return `
global
  maxconn 9900
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen gate
  bind 127.0.0.1:${port} backlog 1024
  server server 127.0.0.1:${upstreamPort}
`;
}
