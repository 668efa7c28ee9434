const { once } = require('node:events');
const net = require('node:net');
const { ChaosError, connect } = require('chaosgate/client');

let server;
let chaos;
let gate;

beforeAll(async () => {
  server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = { host: '127.0.0.1', port: server.address().port };
  chaos = await connect({ local: true });
  gate = await chaos.gate('echo', { upstream });
});

afterAll(async () => {
  await chaos.close();
  server.close();
});

test('a delay is in force', async () => {
  const socket = net.connect(gate.port, gate.host);
  await gate.waitForConnections();
  await gate.toClient.delay(100, { signal: new AbortController().signal });
  const start = performance.now();
  socket.write('x');
  await once(socket, 'data');
  expect(performance.now() - start).toBeGreaterThanOrEqual(99);
  socket.destroy();
});

test('errors are those of the test', async () => {
  await expect(gate.toClient.delay(4_000_000)).rejects.toThrow(ChaosError);
  await expect(gate.toClient.delay(1, 50)).rejects.toThrow(TypeError);
});
