import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Budget } from '../../src/gate/budget.ts';
import { gateConfig } from '../../src/gate/config.ts';
import { Gate } from '../../src/gate/gate.ts';
import { Resolver } from '../../src/gate/resolver.ts';

/** When what happens, in milliseconds. The sender pauses once, so that also an idle connection is seen. */
export const COURSE = {
  messages: [...every(100, 0, 1_000), ...every(100, 1_500, 2_300)],
  messageBytes: 100,
  set: 450,
  lifted: 1_850,
  fin: 2_450,
  end: 2_800,
} as const;

/** What one end did and saw. */
export interface Track {
  /** Writes of the sender, reads of the receiver. */
  readonly runs: readonly Run[];
  readonly closed: { readonly how: 'FIN' | 'RST'; readonly at: number } | undefined;
}

interface Run {
  readonly at: number;
  readonly bytes: number;
  /** It is not what was sent. */
  readonly isChanged: boolean;
}

export interface Recording {
  readonly sender: Track;
  readonly receiver: Track;
  /** When the sender sent its FIN; undefined if it was closed before. */
  readonly finSentAt: number | undefined;
  readonly setAt: number;
  readonly liftedAt: number;
}

interface Example {
  readonly direction: 'toServer' | 'toClient';
  readonly settings: unknown;
}

/** Milliseconds by which a message may be late. A machine that is busy with something else would be in the picture. */
const LATE = 10;
const ATTEMPTS = 10;

/** Sends the course's messages through a gate on loopback, sets the fault meanwhile and lifts it. */
export async function record(fault: string, example: Example): Promise<Recording> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const recording = await recordOnce(fault, example);
    const { runs } = recording.sender;
    if (runs.every(({ at }, index) => at - (COURSE.messages[index] ?? 0) < LATE)) return recording;
  }
  throw new Error(`The machine was too busy in each of ${ATTEMPTS} runs`);
}

async function recordOnce(fault: string, { direction, settings }: Example): Promise<Recording> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const gate = new Gate(gateConfig.parse({ upstream }), {
    listen: { port: 0, host: '127.0.0.1' },
    connectionBytes: 2 ** 24,
    budget: new Budget(2 ** 24),
    resolver: new Resolver(),
  });
  await gate.start();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({
    port: gate.state.port,
    host: '127.0.0.1',
    allowHalfOpen: true,
    noDelay: true,
  });
  await once(client, 'connect');
  const [inner] = await accepted;
  const [sender, receiver] = direction === 'toServer' ? [client, inner] : [inner, client];
  try {
    return await follow(sender, receiver, (isSet) =>
      gate.apply(
        gateConfig.parse({ upstream, [direction]: isSet ? { [fault]: settings } : undefined }),
      ),
    );
  } finally {
    client.destroy();
    inner.destroy();
    server.close();
    await gate.close();
  }
}

async function follow(
  sender: Socket,
  receiver: Socket,
  apply: (isSet: boolean) => Promise<void>,
): Promise<Recording> {
  const start = performance.now();
  const now = () => performance.now() - start;
  const until = (at: number) => sleep(Math.max(0, at - now()));
  const sent: Run[] = [];
  const received: Run[] = [];
  let text = '';
  const senderEnd = watchEnd(sender, now);
  const receiverEnd = watchEnd(receiver, now);
  sender.resume();
  receiver.on('data', (data) => {
    const isChanged = !text.includes(data.toString('latin1'));
    received.push({ at: now(), bytes: data.length, isChanged });
  });

  const speak = async (): Promise<number | undefined> => {
    for (const [index, at] of COURSE.messages.entries()) {
      await until(at);
      if (senderEnd.closed !== undefined) return undefined;
      const message = messageOf(index);
      text += message;
      sent.push({ at: now(), bytes: message.length, isChanged: false });
      sender.write(message);
    }
    await until(COURSE.fin);
    if (senderEnd.closed !== undefined) return undefined;
    sender.end();
    return now();
  };
  const change = async (at: number, isSet: boolean): Promise<number> => {
    await until(at);
    await apply(isSet);
    return now();
  };
  const [finSentAt, setAt, liftedAt] = await Promise.all([
    speak(),
    change(COURSE.set, true),
    change(COURSE.lifted, false),
    until(COURSE.end),
  ]);
  return {
    sender: { runs: sent, closed: senderEnd.closed },
    receiver: { runs: received, closed: receiverEnd.closed },
    finSentAt,
    setAt,
    liftedAt,
  };
}

function watchEnd(socket: Socket, now: () => number): { closed: Track['closed'] } {
  const end: { closed: Track['closed'] } = { closed: undefined };
  socket.on('end', () => {
    end.closed ??= { how: 'FIN', at: now() };
  });
  socket.on('error', () => {
    end.closed ??= { how: 'RST', at: now() };
  });
  return end;
}

/** No two are alike. */
function messageOf(index: number): string {
  const words = `${index} the master is at 10.0.0.7, port 6379 `;
  return `${words.padEnd(COURSE.messageBytes - 1, '.')}\n`;
}

function every(step: number, from: number, to: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}
