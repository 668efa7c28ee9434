/** A process with a gate on all addresses, at the port of its argument, in front of an echo server. Says its port, and why not. */
import { createServer } from 'node:net';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Gate } from '../../../src/gate/gate.ts';
import { Resolver } from '../../../src/gate/resolver.ts';

const echo = createServer((socket) => {
  socket.on('error', () => {});
  socket.pipe(socket);
});
await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
const address = echo.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const gate = new Gate(gateConfig.parse({ upstream: { host: '127.0.0.1', port } }), {
  listen: { port: Number(process.argv[2] ?? 0) },
  connectionBytes: 2 ** 20,
  budget: new Budget(2 ** 30),
  resolver: new Resolver(),
});
await gate.start();
console.log(`port ${gate.state.port} error ${gate.state.listenError}`);
