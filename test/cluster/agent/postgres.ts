import { Client, Pool } from 'pg';

/** Where a PostgreSQL server is reached. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** What one query on one connection came to. */
export interface QueryOutcome {
  readonly ok: boolean;
  readonly milliseconds: number;
  readonly pid?: number;
  readonly error?: string;
}

const clients = new Map<string, Client[]>();
const pending = new Map<string, Promise<QueryOutcome[]>>();
const pools = new Map<string, Pool>();

export const postgresMethods = {
  /** Opens so many connections and keeps them under a name; returns their backend pids. */
  async pgOpen({ name, server, size }: { name: string; server: Server; size: number }) {
    const opened = Array.from({ length: size }, () => newClient(server));
    await Promise.all(opened.map((client) => client.connect()));
    clients.set(name, opened);
    return Promise.all(opened.map(async (client) => (await backendPid(client)) ?? 0));
  },

  /** One query on each of the connections at once. Fails a query after `timeoutMs`, but not its connection. */
  async pgQuery({ name, timeoutMs = 10_000 }: { name: string; timeoutMs?: number }) {
    return Promise.all(named(name).map((client) => query(client, timeoutMs)));
  },

  /** Sends one query on each of the connections and comes back at once; `pgAnswers` waits for the answers. */
  async pgSend({ name, timeoutMs }: { name: string; timeoutMs: number }) {
    pending.set(name, Promise.all(named(name).map((client) => query(client, timeoutMs))));
  },

  async pgAnswers({ name }: { name: string }) {
    return pending.get(name);
  },

  /** One query on the connections at these places only. */
  async pgQuerySome({ name, places }: { name: string; places: number[] }) {
    const all = named(name);
    return Promise.all(
      places.flatMap((place) => all[place] ?? []).map((one) => query(one, 10_000)),
    );
  },

  async pgClose({ name }: { name: string }) {
    const closing = named(name);
    clients.delete(name);
    await Promise.allSettled(closing.map((client) => client.end()));
  },

  async poolOpen({ name, server, size }: { name: string; server: Server; size: number }) {
    const pool = new Pool({ ...connection(server), max: size });
    pool.on('error', () => {});
    pools.set(name, pool);
  },

  /** Queries through a pool, as many at once as it has connections. */
  async poolQuery({ name, count }: { name: string; count: number }) {
    const pool = pools.get(name);
    if (pool === undefined) throw new Error(`No pool ${name}`);
    return Promise.all(
      Array.from({ length: count }, () =>
        pool.query('select 1').then(
          () => 'ok',
          (error: Error) => error.message,
        ),
      ),
    );
  },

  async poolClose({ name }: { name: string }) {
    await pools.get(name)?.end();
    pools.delete(name);
  },
};

function connection(server: Server) {
  return { ...server, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 10_000 };
}

function newClient(server: Server): Client {
  const client = new Client(connection(server));
  client.on('error', () => {});
  return client;
}

function named(name: string): Client[] {
  const found = clients.get(name);
  if (found === undefined) throw new Error(`No connections ${name}`);
  return found;
}

async function backendPid(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}

async function query(client: Client, timeoutMs: number): Promise<QueryOutcome> {
  const start = performance.now();
  const milliseconds = () => performance.now() - start;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), timeoutMs);
  });
  try {
    const pid = await Promise.race([backendPid(client), timeout]);
    return { ok: true, milliseconds: milliseconds(), ...(pid === undefined ? {} : { pid }) };
  } catch (error) {
    return { ok: false, milliseconds: milliseconds(), error: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
