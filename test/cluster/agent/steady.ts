import { lookup } from 'node:dns/promises';
import { connect, createServer } from 'node:net';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Connections by outcome: `ok`, or the code or words of what went wrong. */
type Outcomes = Record<string, number>;

/** By the address that the server saw: how many connections, and when the first and the last of them began. */
type Seen = Record<string, { count: number; firstMs: number; lastMs: number }>;

interface Run {
  readonly timer: NodeJS.Timeout;
  readonly pending: Set<Promise<void>>;
  readonly outcomes: Outcomes;
  seen: Seen;
}

const runs = new Map<string, Run>();
/** Connections that are made at once, at most. */
const BURST = 10;
/** Milliseconds that one connection may take. */
const PATIENCE = 10_000;

export const steadyMethods = {
  /** Answers whatever comes with the address that it sees, and ends the connection after the client did. */
  async steadyServe({ port }: { port: number }) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(`${socket.remoteAddress?.replace('::ffff:', '')}\n`));
      socket.on('end', () => socket.end());
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen({ port, backlog: 4_096 }, resolve);
    });
  },

  /**
   * From now on, makes so many connections a second, whatever becomes of those before. Each asks once and ends. The name is
   * resolved once, and what a busy machine was late for is left out.
   */
  async steadyStart({
    name,
    target,
    perSecond,
  }: {
    name: string;
    target: Target;
    perSecond: number;
  }) {
    const { address: host } = await lookup(target.host);
    const began = performance.now();
    let due = 0;
    const timer = setInterval(() => {
      const before = due;
      due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
      for (let count = Math.min(due - before, BURST); count > 0; count -= 1) {
        const one = note(run, { host, port: target.port });
        run.pending.add(one);
        void one.then(() => run.pending.delete(one));
      }
    }, 5);
    const run: Run = { timer, pending: new Set(), outcomes: {}, seen: {} };
    runs.set(name, run);
  },

  /** Of the connections that were served since this was last asked: what the server saw. */
  async steadySeen({ name }: { name: string }): Promise<Seen> {
    const run = named(name);
    const { seen } = run;
    run.seen = {};
    return seen;
  },

  /** Makes no more, waits for those that are on their way, and says what became of all. */
  async steadyStop({ name }: { name: string }): Promise<Outcomes> {
    const run = named(name);
    clearInterval(run.timer);
    await Promise.all(run.pending);
    runs.delete(name);
    return run.outcomes;
  },
};

function named(name: string): Run {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`No steady client ${name}`);
  return run;
}

async function note(run: Run, target: Target): Promise<void> {
  const beganMs = Date.now();
  const outcome = await once(target);
  const key = outcome.seen === undefined ? outcome.wrong : 'ok';
  run.outcomes[key] = (run.outcomes[key] ?? 0) + 1;
  if (outcome.seen === undefined) return;
  const before = run.seen[outcome.seen];
  run.seen[outcome.seen] = {
    count: (before?.count ?? 0) + 1,
    firstMs: Math.min(before?.firstMs ?? beganMs, beganMs),
    lastMs: Math.max(before?.lastMs ?? beganMs, beganMs),
  };
}

type Outcome =
  | { readonly seen: string; readonly wrong?: undefined }
  | { readonly seen?: undefined; readonly wrong: string };

/** One connection: asks, takes the answer, ends it, and waits for the other end's FIN. */
function once(target: Target): Promise<Outcome> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const settle = (outcome: Outcome) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(PATIENCE, () => settle({ wrong: 'silence' }));
    socket.on('connect', () => socket.write('?'));
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (received.endsWith('\n')) socket.end();
    });
    socket.on('end', () => {
      const seen = received.trimEnd();
      settle(received.endsWith('\n') ? { seen } : { wrong: 'ended early' });
    });
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      settle({ wrong: code ?? message });
    });
  });
}
