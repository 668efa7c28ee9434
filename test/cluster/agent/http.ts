import { createServer } from 'node:http';

export const httpMethods = {
  /** Answers every request on the port with this text and the address that asked. */
  async httpServe({ port, text }: { port: number; text: string }) {
    const server = createServer(({ socket }, response) => {
      response.end(`${text} to ${socket.remoteAddress?.replace('::ffff:', '')}`);
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(port, resolve);
    });
  },

  /** One request on a connection of its own: what was answered, after how many milliseconds. */
  async httpGet({ url }: { url: string }) {
    const start = performance.now();
    const response = await fetch(url, { headers: { connection: 'close' } });
    const text = await response.text();
    return { text, milliseconds: performance.now() - start };
  },
};
