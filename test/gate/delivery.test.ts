import { describe, expect, test } from 'vitest';
import { whenAcknowledged, whenWritten } from '../../src/gate/delivery.ts';
import { bytesOf } from './support/bytes.ts';
import { joint } from './support/joint.ts';
import { expectTook, until, untilStable } from './support/time.ts';

/** A socket whose other end does not read: the kernels hold all that they take, and some of it on this side. */
async function fullSocket() {
  const { client: peer, inner } = await joint();
  const socket = inner.client;
  peer.pause();
  let sent = 0;
  while ((await untilStable(() => socket.writableLength, 3)) === 0) {
    socket.write(bytesOf(64_000));
    sent += 64_000;
  }
  return { peer, socket, sent };
}

function done(when: (socket: never, done: () => void) => void, socket: unknown): Promise<void> {
  return new Promise((resolve) => when(socket as never, resolve));
}

describe('what was written', () => {
  test('is with the kernel at once while it has room, and else when the other end has made some', async () => {
    const { peer, socket, sent } = await fullSocket();
    let isWritten = false;
    whenWritten(socket, () => {
      isWritten = true;
    });
    await untilStable(() => socket.writableLength);
    expect(isWritten).toBe(false);
    peer.resume();
    await until('the kernel has it', () => isWritten);
    expect(socket.writableLength).toBe(0);
    whenWritten(socket, () => {
      isWritten = false;
    });
    expect(isWritten).toBe(false);
    await peer.receives(sent);
  });

  test('survives a reset that waits until it is acknowledged', async () => {
    const { peer, socket, sent } = await fullSocket();
    const acknowledged = done(whenAcknowledged, socket);
    peer.resume();
    await acknowledged;
    socket.resetAndDestroy();
    await peer.seesReset();
    expect(peer.length).toBe(sent);
  });

  test('is not waited for when the other end takes none of it for two seconds', async () => {
    const { sent } = await fullSocket();
    const { client: peer, inner } = await joint();
    peer.pause();
    // Half full: the kernel has all of it, and the other end has not.
    for (let written = 0; written < sent / 2; written += 64_000) {
      inner.client.write(bytesOf(64_000));
      await untilStable(() => inner.client.writableLength, 3);
    }
    expect(inner.client.writableLength).toBe(0);
    const start = performance.now();
    await done(whenAcknowledged, inner.client);
    expectTook(performance.now() - start, 2_000);
  });
});
