/**
 * Runs in a pod and does what a test asks for, as a client of a gate would: one JSON request per line on its
 * port, one JSON answer per line. Its connections outlive those of who asks, which break when the API server does.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { admissionMethods } from './admission.ts';
import { httpMethods } from './http.ts';
import { AGENT_PORT } from './port.ts';
import { postgresMethods } from './postgres.ts';
import { redisMethods } from './redis.ts';
import { steadyMethods } from './steady.ts';
import { tcpMethods } from './tcp.ts';

type Method = (params: never) => Promise<unknown>;

const methods: Record<string, Method> = {
  ...admissionMethods,
  ...httpMethods,
  ...postgresMethods,
  ...redisMethods,
  ...steadyMethods,
  ...tcpMethods,
};

createServer((socket) => {
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => answer(socket, line));
}).listen(AGENT_PORT);

// A connection that nobody waits for may fail; the test asks for its state when it cares.
process.on('unhandledRejection', () => {});

function answer(socket: Socket, line: string): void {
  const { id, method, params } = JSON.parse(line) as { id: number; method: string; params: never };
  const call = methods[method];
  const outcome =
    call === undefined ? Promise.reject(new Error(`No method ${method}`)) : call(params);
  const say = (message: object) => socket.write(`${JSON.stringify({ id, ...message })}\n`);
  outcome.then(
    (result) => say({ result }),
    ({ message, code }: Error & { code?: string }) => say({ error: { message, code } }),
  );
}
