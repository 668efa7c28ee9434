/**
 * A PostgreSQL for a run of the tests: the one of PGHOST, PGPORT, PGUSER and PGPASSWORD if PGHOST is set, else one of its
 * own on loopback, which is gone afterwards.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';

export interface Database {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    database: Database;
  }
}

const run = promisify(execFile);

/** Milliseconds. */
const LONGEST_START = 20_000;

/** For `globalSetup` of vitest. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { PGHOST, PGPORT = '5432', PGUSER = 'postgres', PGPASSWORD = '' } = process.env;
  if (PGHOST !== undefined) {
    const given = { host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD };
    project.provide('database', given);
    return async () => {};
  }
  const programs = findPostgres();
  if (programs === undefined) {
    throw new Error(
      'There is no PostgreSQL server here: install one, or set PGHOST to use another',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  const remove = () => rm(folder, { recursive: true });
  const start = async () => {
    const owner = await unprivileged();
    if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
    return startPostgres(programs, folder, owner);
  };
  const { database, stop } = await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  project.provide('database', database);
  return async () => {
    await stop();
    await remove();
  };
}

/** The folder of the newest server's programs. Debian keeps them off the path. */
export function findPostgres(): string | undefined {
  const debian = globSync('/usr/lib/postgresql/*/bin').sort().toReversed();
  const folders = [...debian, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.find((folder) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))),
  );
}

/** The user that runs the server; default: the user that runs the tests. */
type Owner = { readonly uid: number; readonly gid: number } | { readonly uid?: undefined };

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const id = async (option: string) => Number((await run('id', [option, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function startPostgres(
  programs: string,
  folder: string,
  owner: Owner,
): Promise<{ readonly database: Database; stop(): Promise<void> }> {
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-locale', '--encoding=UTF8'];
  await run(join(programs, 'initdb'), [...init, '--no-sync'], { ...owner, cwd: folder });
  const database = {
    host: '127.0.0.1',
    port: await freePort(),
    user: 'postgres',
    password: '',
  };
  const settings = [
    `port=${database.port}`,
    `listen_addresses=${database.host}`,
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ];
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exit = once(server, 'exit');
  const stop = async () => {
    // Fast shutdown: it closes connections and does not wait for them.
    server.kill('SIGINT');
    await exit;
  };
  await answers(server, database).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { database, stop };
}

async function answers(server: ChildProcess, database: Database): Promise<void> {
  let log = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const deadline = performance.now() + LONGEST_START;
  for (;;) {
    const client = new Client(database);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (server.exitCode !== null || performance.now() > deadline) {
        throw new Error(`PostgreSQL does not answer:\n${log}`, { cause });
      }
      await sleep(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
