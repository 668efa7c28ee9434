import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Gate } from '../../../src/client/client.ts';

/** Sends back what it gets, for a whole file of tests. */
export async function echoServer() {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: { host: '127.0.0.1', port }, close: () => server.close() };
}

/** Sends a text through a gate, on a connection of its own, and returns what comes back. */
export function exchange(gate: Gate): (text: string) => Promise<string> {
  return async (text) => {
    const socket = connect(gate.port, gate.host);
    try {
      socket.end(text);
      const chunks = await Array.fromAsync(socket as AsyncIterable<Buffer>);
      return Buffer.concat(chunks).toString();
    } finally {
      socket.destroy();
    }
  };
}
