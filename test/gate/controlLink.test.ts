import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { KEY_BYTES, PSK_TLS } from '../../src/control/psk.ts';
import { atEnd } from './support/atEnd.ts';
import { IDENTITY, proxyFolders } from './support/folders.ts';
import { startProxy, TestLink } from './support/proxy.ts';
import { TestServer } from './support/server.ts';
import { stays, until } from './support/time.ts';

describe('a control link', () => {
  test('that is closed before it is connected stays closed', async () => {
    const proxy = await startProxy();
    for (const turns of [0, 1, 2, 3, 5, 10, 20]) {
      const link = proxy.link();
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      link.link.close();
      const { report } = link.state;
      await stays('closed', () => link.state.report === report, 50);
    }
  });

  test('that is closed does not leave its connection to a proxy that keeps silent', async () => {
    const server = await TestServer.listen();
    const { key } = await proxyFolders();
    const link = new TestLink(server.port, key, IDENTITY);
    const end = await server.accept();
    link.link.close();
    await until('its end', () => !end.isUntouched);
    await stays('no other', () => server.count === 1, 300);
    expect(link.errors).toEqual([]);
  });
});

/** A proxy that knows its gate's key, and what it does with each connection. */
async function badProxy(misbehave: (socket: TLSSocket) => void) {
  const key = randomBytes(KEY_BYTES);
  const connections: TLSSocket[] = [];
  const server = createServer({ ...PSK_TLS, pskCallback: () => key }, (socket) => {
    connections.push(socket.on('error', () => {}).resume());
    misbehave(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  atEnd(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const link = new TestLink((server.address() as AddressInfo).port, key, IDENTITY);
  atEnd(() => link.link.close());
  return { link, connections };
}

const REPORT = {
  instance: 'bad',
  generation: 1,
  faults: 'none',
  connections: { active: 0, accepted: 0 },
  upstream: {},
};

function line(changes: object = {}): string {
  return `${JSON.stringify({ type: 'report', report: { ...REPORT, ...changes } })}\n`;
}

describe('a proxy that breaks the protocol', () => {
  test.each([
    ['with junk', 'junk\n', 'A message is not JSON'],
    ['with a line without an end', 'x'.repeat(65_537), 'A message is longer than 65536 bytes'],
    [
      'with more reports than anyone reads',
      Array.from({ length: 300 }, (_, active) =>
        line({ connections: { active, accepted: 0 } }),
      ).join(''),
      'More than 200 messages in 5000 ms',
    ],
    ['with a text for a terminal', line({ faults: '\u001b[2J' }), 'Unexpected message: '],
    [
      'with a longer text than a status has',
      line({ faults: 'x'.repeat(4_097) }),
      'Unexpected message: ',
    ],
  ])('%s is left alone for longer and longer, and it is said how', async (_, text, violation) => {
    const { link, connections } = await badProxy((socket) => socket.write(text));
    await until('four attempts', () => connections.length === 4, 5_000);
    await until('the violation', () => link.state.violation?.startsWith(violation) === true, 1_000);
    expect(link.state.report).toBe(undefined);
    // 100, 200 and 400 ms apart: the fifth comes 800 ms after the fourth.
    await stays('no fifth attempt', () => connections.length === 4, 600);
  });

  test('is forgiven when it keeps to it', async () => {
    let isGood = false;
    const { link } = await badProxy((socket) => socket.write(isGood ? line() : 'junk\n'));
    await until('the violation', () => link.state.violation !== undefined);
    isGood = true;
    await until('a report', () => link.state.report !== undefined);
    expect(link.state.violation).toBe(undefined);
  });
});
