/** A process with a gate on loopback, of the given port, upstream's port and limit of connections. Says when it is there. */
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Gate } from '../../../src/gate/gate.ts';
import { Resolver } from '../../../src/gate/resolver.ts';

const [port = 0, upstreamPort = 0, maxConnections = 0] = process.argv.slice(2).map(Number);
const upstream = { host: '127.0.0.1', port: upstreamPort };
const gate = new Gate(gateConfig.parse({ upstream, maxConnections }), {
  listen: { port, host: '127.0.0.1' },
  connectionBytes: 2 ** 20,
  budget: new Budget(2 ** 30),
  resolver: new Resolver(),
});
await gate.start();
console.log(`port ${gate.state.port} error ${gate.state.listenError}`);
