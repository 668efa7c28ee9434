import { freePort, start } from '../processes.ts';
import type { Fault, Peer } from './peer.ts';

const TOXIC = 'fault';

export function toxiproxy(path: string): Peer {
  return {
    name: 'toxiproxy',
    async start(upstreamPort) {
      const [port, apiPort] = [await freePort(), await freePort()];
      const api = `http://127.0.0.1:${apiPort}/proxies`;
      const program = await start([path, '-port', String(apiPort)], { LOG_LEVEL: 'error' });
      await program.ready(() => fetch(api));
      await call('POST', api, {
        name: 'gate',
        listen: `127.0.0.1:${port}`,
        upstream: `127.0.0.1:${upstreamPort}`,
        enabled: true,
      });
      const toxics = `${api}/gate/toxics`;
      let isInjected = false;
      return {
        address: `127.0.0.1:${port}`,
        pid: program.pid,
        async inject(fault: Fault | undefined) {
          if (isInjected) await call('DELETE', `${toxics}/${TOXIC}`);
          isInjected = fault !== undefined;
          if (fault === undefined) return;
          if (fault.toxiproxy === undefined) throw new Error('Toxiproxy has no such fault');
          await call('POST', toxics, { name: TOXIC, stream: 'upstream', ...fault.toxiproxy });
        },
        stop: () => program.stop(),
      };
    },
  };
}

async function call(method: string, url: string, body?: object): Promise<void> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new Error(`Toxiproxy: ${method} ${url}: ${response.status} ${await response.text()}`);
  }
}
