import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Pool, type PoolConfig } from 'pg';

export interface Service {
  readonly url: string;
  close(): Promise<void>;
}

/** Errors with which PostgreSQL says that it is not fit to answer: connection, resources, operator (57P01 and others). */
const NOT_NOW = /^(08|53|57|58)/;

const SCHEMA = 'CREATE TABLE IF NOT EXISTS notes (name text PRIMARY KEY, body text NOT NULL)';

/** The service under test: notes by name, kept in PostgreSQL. `GET /notes/NAME`, `PUT /notes/NAME`. */
export async function startService(database: PoolConfig): Promise<Service> {
  const pool = new Pool({
    ...database,
    max: 4,
    // Nobody waits for longer than this: a client of the service gets 503 and may come back.
    connectionTimeoutMillis: 1_000,
    query_timeout: 1_000,
  });
  // A connection that breaks while nobody uses it: the pool makes another one when it is needed.
  pool.on('error', () => {});
  await pool.query(SCHEMA);
  const server = createServer((request, response) => {
    answer(pool, request, response).catch((error: unknown) => {
      response.writeHead(isPassing(error) ? 503 : 500).end(`${String(error)}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await pool.end();
    },
  };
}

async function answer(
  pool: Pool,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = /^\/notes\/(\w+)$/.exec(request.url ?? '')?.[1];
  if (name === undefined) {
    response.writeHead(404).end('No such page\n');
  } else if (request.method === 'PUT') {
    // A client that got no response may retry: the second request changes nothing.
    await pool.query(
      'INSERT INTO notes VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body',
      [name, await text(request)],
    );
    response.writeHead(204).end();
  } else {
    const { rows } = await pool.query<{ body: string }>('SELECT body FROM notes WHERE name = $1', [
      name,
    ]);
    const [note] = rows;
    response.writeHead(note === undefined ? 404 : 200).end(note?.body ?? 'No such note\n');
  }
}

/** Without a code of PostgreSQL's, it is the connection that failed. */
function isPassing(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  const isFromServer = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  return !isFromServer || NOT_NOW.test(code);
}
