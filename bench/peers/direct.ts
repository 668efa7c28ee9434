import { cannotInject, type Peer } from './peer.ts';

/** No proxy: what the generator and the kernel make of the load. */
export const direct: Peer = {
  name: 'direct',
  async start(upstreamPort) {
    return {
      address: `127.0.0.1:${upstreamPort}`,
      pid: undefined,
      inject: cannotInject,
      async stop() {},
    };
  },
};
