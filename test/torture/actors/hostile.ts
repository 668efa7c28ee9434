import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hostile } from '../plan/plan.ts';
import type { Address } from './traffic.ts';

/** A ClientHello is longer: a server that reads this waits for the rest. */
const HALF_A_HANDSHAKE = Buffer.from('16030102000100', 'hex');

const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: gate\r\n\r\n';

/** Bytes of nothing. */
const JUNK = Buffer.alloc(16_384, 'JUNK');

/** What each does with a connection that it has. */
const HABITS: Readonly<Record<Hostile, (socket: Socket) => void>> = {
  idle() {},
  junk(socket) {
    socket.write(JUNK);
    socket.resume();
  },
  flood(socket) {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(JUNK));
      socket.once('drain', pour);
    };
    pour();
    socket.resume();
  },
  unread(socket) {
    socket.pause();
    socket.write(REQUEST.repeat(500));
  },
  halfOpenTls(socket) {
    socket.write(HALF_A_HANDSHAKE);
  },
  resets(socket) {
    socket.write(JUNK, () => socket.resetAndDestroy());
  },
};

/**
 * Strangers at a port: so many connections, each of which is made again when it is closed. Resolves when all are gone,
 * with how many there were.
 */
export async function attack(
  address: Address,
  how: Hostile,
  { connections, milliseconds }: { connections: number; milliseconds: number },
): Promise<number> {
  const open = new Set<Socket>();
  let made = 0;
  let isOver = false;
  const come = (): void => {
    made += 1;
    const socket = connect({ ...address, allowHalfOpen: true });
    open.add(socket);
    socket.on('error', () => {});
    socket.once('connect', () => HABITS[how](socket));
    socket.once('close', () => {
      open.delete(socket);
      if (!isOver) setTimeout(() => !isOver && come(), REST);
    });
  };
  for (let index = 0; index < connections; index += 1) come();
  await sleep(milliseconds);
  isOver = true;
  for (const socket of open) socket.resetAndDestroy();
  return made;
}

/** Milliseconds before a stranger comes back. */
const REST = 50;
