import { connect } from 'node:net';
import { freePort, start } from '../processes.ts';
import { cannotInject, type Peer } from './peer.ts';

/** A process per connection, with the largest buffer that helps. */
export function socat(path: string): Peer {
  return {
    name: 'socat',
    async start(upstreamPort) {
      const port = await freePort();
      const program = await start([
        path,
        '-b65536',
        `TCP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=1024,nodelay`,
        `TCP4:127.0.0.1:${upstreamPort},nodelay`,
      ]);
      await program.ready(() => answers(port));
      return {
        address: `127.0.0.1:${port}`,
        pid: program.pid,
        inject: cannotInject,
        stop: () => program.stop(),
      };
    },
  };
}

/** Resolves when something listens on the port. */
export function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}
