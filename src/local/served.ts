import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Access } from './kubeconfig.ts';

/** Milliseconds in which a process on this machine answers, unless it hangs. */
const LIMIT = 2_000;

/**
 * Whether the process that made this certificate still serves there: its key never left it, so nobody else who may have
 * the port by now can show it.
 */
export function isServed({ url, certificate }: Omit<Access, 'token'>): Promise<boolean> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const servername = isIP(host) === 0 ? host : '';
    const socket = connect({ host, port: Number(port), servername, ca: certificate });
    const answer = (value: boolean) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(LIMIT, answer(false));
    socket.once('secureConnect', answer(true));
    socket.once('error', answer(false));
  });
}
