import { Redis } from 'ioredis';

interface Address {
  readonly host: string;
  readonly port: number;
}

const clients = new Map<string, Redis>();

export const redisMethods = {
  /** Runs a command on a connection of its own; returns its answer. */
  async redisCall({ server, command }: { server: Address; command: [string, ...string[]] }) {
    const client = new Redis({ ...server, maxRetriesPerRequest: 0 });
    client.on('error', () => {});
    try {
      const [name, ...args] = command;
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  },

  /** A client that asks a sentinel for its server, also when it has lost it. */
  async redisOpen({ name, sentinel, master }: { name: string; sentinel: Address; master: string }) {
    const client = new Redis({
      sentinels: [sentinel],
      name: master,
      commandTimeout: 1_000,
      sentinelRetryStrategy: () => 50,
      retryStrategy: () => 50,
    });
    client.on('error', () => {});
    clients.set(name, client);
    await client.ping();
  },

  /** Writes a key and reads it again; says what it read, or why not. */
  async redisEcho({ name, value }: { name: string; value: string }) {
    const client = clients.get(name);
    if (client === undefined) throw new Error(`No client ${name}`);
    try {
      await client.set('key', value);
      return await client.get('key');
    } catch (error) {
      return (error as Error).message;
    }
  },

  async redisClose({ name }: { name: string }) {
    clients.get(name)?.disconnect();
    clients.delete(name);
  },
};
