import { Peer } from './peer.ts';

/** Fewer than a listen backlog takes. */
const AT_ONCE = 100;

/** So many clients; those that are turned away are among them. */
export async function connectMany(port: number, count: number): Promise<Peer[]> {
  const clients: Peer[] = [];
  while (clients.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () =>
      Peer.connect(port),
    );
    clients.push(...(await Promise.all(next)));
  }
  return clients;
}
