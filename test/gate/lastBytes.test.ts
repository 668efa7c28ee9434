import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { type Joint, joint } from './support/joint.ts';
import { stays, until, untilStable } from './support/time.ts';

/**
 * Both ends have sent FIN, and some of what the server said still has to wait in the gate: the client does not
 * read, and the kernel takes no more.
 */
async function waiting(): Promise<Joint & { sent: number }> {
  const all = await joint();
  const { client, server, inner } = all;
  client.pause();
  client.finish();
  await server.seesFin();
  let sent = 0;
  while ((await untilStable(() => inner.client.writableLength, 3)) === 0) {
    server.send(bytesOf(32_000));
    sent += 32_000;
    await until('it is through', () => inner.client.bytesWritten === sent);
  }
  // Less than what would make the gate wait for it to drain.
  expect(inner.client.writableLength).toBeLessThan(inner.client.writableHighWaterMark);
  server.finish();
  await until('the gate has seen that', () => inner.server.readableEnded);
  return { ...all, sent };
}

describe('a connection of which both ends are done', () => {
  test('is open until its last bytes are taken', async () => {
    const { client, inner, closed, sent } = await waiting();
    await stays('open', () => closed.length === 0);
    client.resume();
    await client.receives(sent);
    await client.seesFin();
    await until('closed', () => closed.length === 1 && inner.client.closed);
    expect(closed).toEqual(['ClientEof']);
  });

  test('can be reset until its last bytes are taken', async () => {
    const { connection, client, inner, closed } = await waiting();
    connection.close('Reset', 'Disconnected');
    expect(closed).toEqual(['Disconnected']);
    await connection.gone;
    expect(inner.client.destroyed).toBe(true);
    client.resume();
    await client.seesReset();
  });

  test('can be closed in order until its last bytes are taken', async () => {
    const { connection, inner, closed } = await waiting();
    connection.close('Fin', 'GateClosed');
    expect(closed).toEqual(['GateClosed']);
    await connection.gone;
    expect(inner.client.destroyed).toBe(true);
  });
});
