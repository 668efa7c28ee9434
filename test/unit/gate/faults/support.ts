import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { z } from 'zod';
import { Budget } from '../../../../src/gate/budget.ts';
import { gateConfig } from '../../../../src/gate/config.ts';
import { Connection } from '../../../../src/gate/connection.ts';
import type { DirectionObserver } from '../../../../src/gate/direction.ts';
import { type GateRules, rulesOf } from '../../../../src/gate/rules.ts';
import type { How } from '../../../../src/gate/schema.ts';
import type { MonotonicClock } from '../../../../src/time/clock.ts';

export type Faults = z.input<typeof gateConfig>['toServer'];

/** A clock that moves only when it is told to. */
export class HandClock implements MonotonicClock {
  #now = 0;
  #timers: Timer[] = [];
  /** Milliseconds that each timer fires late, as those of a real loop do. */
  lateness = 0;

  readonly monotonic = (): number => this.#now;

  readonly after = (milliseconds: number, task: () => void): (() => void) => {
    const timer = { due: this.#now + Math.max(0, milliseconds) + this.lateness, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Runs what is due on the way, in order; timers that are set meanwhile too. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.due);
      next.task();
    }
    this.#now = end;
  }
}

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

export interface Write {
  readonly at: number;
  readonly data: Buffer;
}

/** As much of a socket as a connection uses, without a kernel: what is written is kept, what is sent is read at once. */
class HandSocket extends EventEmitter {
  readonly #now: () => number;
  readonly #incoming: (Buffer | 'end')[] = [];
  #isDelivering = false;
  #unwritten: (() => void)[] = [];
  readonly writes: Write[] = [];
  readableFlowing: boolean | null = null;
  readableEnded = false;
  writableEnded = false;
  writableFinished = false;
  writableLength = 0;
  destroyed = false;
  closed = false;
  /** The other end does not read: every write stays in the buffer, and fills it. */
  isFull = false;
  endedAt: number | undefined;
  /** The connection is over: an end of the stream closes the socket. */
  isOver = false;
  close: { readonly how: How; readonly at: number } | undefined;

  constructor(now: () => number) {
    super();
    this.#now = now;
  }

  receive(data: Buffer | 'end'): void {
    this.#incoming.push(data);
    this.#deliver();
  }

  get unread(): number {
    return this.#incoming.reduce((sum, data) => sum + (data === 'end' ? 0 : data.length), 0);
  }

  resume(): void {
    this.readableFlowing = true;
    this.#deliver();
  }

  pause(): void {
    this.readableFlowing = false;
  }

  write(data: Buffer, done = () => {}): boolean {
    this.writes.push({ at: this.#now(), data: Buffer.from(data) });
    if (this.isFull) {
      this.writableLength += data.length;
      this.#unwritten.push(done);
    } else done();
    return !this.isFull;
  }

  drain(): void {
    this.isFull = false;
    this.writableLength = 0;
    for (const done of this.#unwritten.splice(0)) done();
    this.emit('drain');
  }

  end(): void {
    this.writableEnded = true;
    this.writableFinished = true;
    if (this.isOver) this.#close('Fin');
    else this.endedAt ??= this.#now();
  }

  destroy(): void {
    this.#close('Fin');
  }

  resetAndDestroy(): void {
    this.#close('Reset');
  }

  #close(how: How): void {
    if (this.closed) return;
    this.destroyed = true;
    this.closed = true;
    this.close = { how, at: this.#now() };
    this.emit('close');
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    while (this.readableFlowing === true) {
      const data = this.#incoming.shift();
      if (data === undefined) break;
      if (data === 'end') this.readableEnded = true;
      if (data === 'end') this.emit('end');
      else this.emit('data', data);
    }
    this.#isDelivering = false;
  }
}

/** What one end sends in the direction under test, and what the other gets of it. */
export class Line {
  readonly connection: Connection;
  readonly #source: HandSocket;
  readonly #sink: HandSocket;
  readonly injected: string[] = [];
  constructor(number: number, clock: MonotonicClock, rules: GateRules, bytes: Bounds) {
    this.#source = new HandSocket(clock.monotonic);
    this.#sink = new HandSocket(clock.monotonic);
    const observer: DirectionObserver = {
      bytes() {},
      injected: (fault) => this.injected.push(fault),
      delayed() {},
    };
    this.connection = new Connection({
      client: this.#source as unknown as Socket,
      server: this.#sink as unknown as Socket,
      number,
      clock,
      ...bytes,
      onClose: () => {
        this.#source.isOver = true;
        this.#sink.isOver = true;
      },
      observers: { toServer: observer, toClient: observer },
    });
    this.connection.start(rules);
  }

  /** The sender sends; as one read of the gate, if it reads. */
  send(data: string | Uint8Array): void {
    // Bytes that were read are the gate's, which frees their memory.
    this.#source.receive(Buffer.from(data));
  }

  /** The sender has no more (FIN). */
  end(): void {
    this.#source.receive('end');
  }

  /** The receiver sends something back. */
  answer(data: string): void {
    this.#sink.receive(Buffer.from(data));
  }

  /** The receiver has no more (FIN). */
  endAnswer(): void {
    this.#sink.receive('end');
  }

  /** What the sender got back. */
  get answered(): string {
    return Buffer.concat(this.#source.writes.map(({ data }) => data)).toString('latin1');
  }

  /** Bytes that were sent and that the gate does not read: backpressure. */
  get unread(): number {
    return this.#source.unread;
  }

  /** What the receiver got, piece by piece. */
  get writes(): readonly Write[] {
    return this.#sink.writes;
  }

  get received(): Buffer {
    return Buffer.concat(this.writes.map(({ data }) => data));
  }

  /** Bytes that the receiver got. */
  get length(): number {
    return this.writes.reduce((sum, { data }) => sum + data.length, 0);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** When the receiver got the FIN that the sender sent. */
  get endedAt(): number | undefined {
    return this.#sink.endedAt;
  }

  /** How and when the gate closed the connection; undefined while it has not. */
  get closed(): { readonly how: How; readonly at: number } | undefined {
    return this.#sink.close;
  }

  /** The receiver stops reading, so that whatever is written from now on stays in the buffer. */
  block(): void {
    this.#sink.isFull = true;
  }

  /** The receiver reads on. */
  unblock(): void {
    this.#sink.drain();
  }
}

interface Bounds {
  readonly connectionBytes: number;
  readonly budget: Budget;
  readonly share: object;
}

/** Connections have timers of their own. */
const open = new Set<Line>();
afterEach(() => {
  for (const { connection } of open) connection.close('Fin', 'GateClosed');
  open.clear();
});

/**
 * A gate's connections with the given faults toServer, and none toClient unless told, without sockets and on a clock that is
 * driven by hand. All code between the sockets is the real one.
 */
export class GateHarness {
  readonly clock = new HandClock();
  readonly lines: Line[] = [];
  readonly #seed: number;
  readonly #toClient: Faults;
  readonly #bounds: Bounds;
  #rules: GateRules;

  constructor(
    faults: Faults,
    {
      seed = 0,
      connectionBytes = 2 ** 20,
      processBytes = 2 ** 30,
      toClient = {},
    }: {
      seed?: number;
      connectionBytes?: number;
      processBytes?: number;
      toClient?: Faults;
    } = {},
  ) {
    this.#seed = seed;
    this.#toClient = toClient;
    this.#bounds = { connectionBytes, budget: new Budget(processBytes), share: this };
    this.#rules = this.#parse(faults, undefined);
  }

  /** A new connection; the first has number 1. */
  open(): Line {
    const line = new Line(this.lines.length + 1, this.clock, this.#rules, this.#bounds);
    this.lines.push(line);
    open.add(line);
    return line;
  }

  /** As a patch of the resource does: on all open connections. */
  setFaults(faults: Faults, seed = this.#seed): void {
    this.#rules = this.#parse(faults, this.#rules, seed);
    const lines = this.lines.filter(({ closed }) => closed === undefined);
    for (const { connection } of lines) connection.setRules(this.#rules);
    for (const { connection } of lines) connection.refill();
  }

  /** Bytes that all connections hold. */
  get held(): number {
    return this.lines.reduce((sum, { connection }) => sum + connection.held, 0);
  }

  /** Memory that they take, in bytes. */
  get memory(): number {
    return this.#bounds.budget.used;
  }

  #parse(faults: Faults, current: GateRules | undefined, seed = this.#seed): GateRules {
    const upstream = { host: 'server', port: 1 };
    return rulesOf(
      gateConfig.parse({ upstream, toServer: faults, toClient: this.#toClient, seed }),
      current,
    );
  }
}

/** One connection under the given faults. */
export function openLine(
  faults: Faults,
  options?: ConstructorParameters<typeof GateHarness>[1],
): { readonly harness: GateHarness; readonly clock: HandClock; readonly line: Line } {
  const harness = new GateHarness(faults, options);
  return { harness, clock: harness.clock, line: harness.open() };
}
