import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GateModel } from '../model/gateModel.ts';
import { type Counts, Receiver } from '../model/receiver.ts';
import type { SentStream } from '../model/sentStream.ts';
import type { Failure } from '../plan/plan.ts';
import type { Random } from '../random.ts';
import { lastingPort } from '../targets/ports.ts';
import { End } from './end.ts';
import { randomScript, type Script } from './script.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface TrafficOptions {
  readonly model: GateModel;
  readonly counts: Counts;
  /** Chooses how the server's ends behave. */
  readonly random: Random;
  /** Where clients find the gate. */
  gate(): Address;
  /** Address that the server listens on. */
  readonly serverHost: string;
  /** Monotonic milliseconds. */
  now(): number;
  wrong(what: string): void;
}

/** How often the state of connections is looked at, in milliseconds. */
const POLL = 20;

/** Milliseconds in which a gate may keep the bytes of an end that is gone. */
const BYTES_LINGER = 60_000;

/** Milliseconds in which the gate may still connect for a client that is gone. */
const STRANGERS_LINGER = 10_000;

/** Both sides of a gate: its clients, its server, and what is to arrive between them. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #port: number;
  #server: Server;
  /** It takes no new connections. */
  #failure: Failure | undefined;
  readonly #ends = new Set<End>();
  /** The end that sends a stream. */
  readonly #senders = new Map<number, End>();
  /** The end that receives it. */
  readonly #receivers = new Map<SentStream, End>();
  /** The server's ends of connections that a stranger may have made. */
  readonly #strange = new Set<End>();
  #strangers = 0;
  /** Ends that have reset before anything told whose other end they are. */
  readonly #unmet = new Set<End>();
  /** Clients that were let in. */
  connected = 0;
  /** Clients that were turned away, as the model allows. */
  turnedAway = 0;

  static async start(options: TrafficOptions): Promise<Traffic> {
    // It is available again when the server has failed.
    const port = await lastingPort(options.random.fork('port'), options.serverHost);
    const traffic = new Traffic(options, port);
    await traffic.#listen();
    return traffic;
  }

  private constructor(options: TrafficOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.#server = this.#newServer();
  }

  /** Of the server. */
  get port(): number {
    return this.#port;
  }

  /** Ends that are there: up to two of each connection. */
  get size(): number {
    return this.#ends.size;
  }

  /** Others than its clients come to the gate as long as that runs. */
  async amongStrangers<T>(work: () => Promise<T>): Promise<T> {
    this.#strangers += 1;
    try {
      return await work();
    } finally {
      // What the last of them have begun comes to the server later.
      setTimeout(() => {
        this.#strangers -= 1;
      }, STRANGERS_LINGER).unref();
    }
  }

  /** A client that comes. */
  open(script: Script): void {
    const { model, wrong } = this.#options;
    const socket = connect({ ...this.#options.gate(), allowHalfOpen: true });
    const end = this.#add(socket, 'toServer', script);
    const { certain } = model;
    let isIn = false;
    socket.once('connect', () => {
      isIn = true;
      this.connected += 1;
      if (certain?.config.newConnections === 'Refuse' && model.certain === certain) {
        wrong(`${model.name}: let a client in under newConnections Refuse`);
      }
      end.start();
    });
    socket.once('close', () => {
      if (isIn) return;
      this.turnedAway += 1;
      if (!this.#mayTurnAway(end)) wrong(`${model.name}: turned a client away`);
    });
  }

  /**
   * Nobody sends anything more, everybody reads, and then all that was sent must be there: to be called when the gate lets
   * everything pass.
   *
   * @param patience milliseconds
   * @param signal something is wrong already
   */
  async settle(patience: number, signal: AbortSignal): Promise<void> {
    const { now, wrong, model } = this.#options;
    for (const end of this.#ends) end.calm();
    for (const end of this.#ends) end.probe();
    const deadline = now() + patience;
    const late = () => [...this.#ends].filter((end) => !this.#isDrained(end));
    while (late().length > 0 && now() < deadline && !signal.aborted) await sleep(POLL);
    if (signal.aborted) return;
    for (const end of late().slice(0, 3)) {
      const { direction } = end.stream;
      const other = this.#otherOf(end);
      wrong(
        `${model.name} ${direction}: not all bytes within ${patience} ms; ${described(end)}, to ${other === undefined ? 'an unknown end' : described(other)}`,
      );
    }
  }

  /** Half of the connections end, the others go on. */
  goOn(): void {
    let isOdd = false;
    for (const end of this.#ends) {
      isOdd = !isOdd;
      if (isOdd) end.finish();
      else end.rouse();
    }
  }

  /** All connections end in order, within so many milliseconds. */
  async finish(patience: number): Promise<void> {
    const { now, wrong, model } = this.#options;
    for (const end of this.#ends) end.calm();
    for (const end of this.#ends) end.finish();
    const deadline = now() + patience;
    while (this.#ends.size > 0 && now() < deadline) await sleep(POLL);
    if (this.#ends.size > 0) {
      wrong(
        `${model.name}: ${this.#ends.size} ends are still open ${patience} ms after their FINs`,
      );
    }
  }

  /** New connections fail for so many milliseconds; false when they do already. */
  async failServer(how: Failure, milliseconds: number): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    const { model } = this.#options;
    this.#failure = how;
    model.upstreamFails();
    // The gate may not have reached the server for them yet.
    for (const end of this.#ends) {
      if (this.#otherOf(end) === undefined) end.stream.isAbandoned = true;
    }
    if (how === 'refuses') this.#server.close();
    await sleep(milliseconds);
    if (how === 'refuses') {
      this.#server = this.#newServer();
      await this.#listen();
    }
    this.#failure = undefined;
    model.upstreamIsBack();
    return true;
  }

  /** What was on its way through a process that was killed has gone with it: no packet may ever say so. */
  bury(): void {
    for (const end of this.#ends) {
      if (end.stream.isAbandoned) end.reset();
    }
  }

  stop(): void {
    this.#server.close();
    for (const end of this.#ends) end.reset();
  }

  #newServer(): Server {
    return createServer({ allowHalfOpen: true }, (socket) => {
      if (this.#failure !== undefined) {
        socket.resetAndDestroy();
        return;
      }
      const end = this.#add(socket, 'toClient', randomScript(this.#options.random));
      if (this.#strangers > 0) this.#strange.add(end);
      end.start();
    });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, this.#options.serverHost, resolve);
    });
  }

  #add(socket: Socket, direction: 'toServer' | 'toClient', script: Script): End {
    const { model, counts, now, wrong } = this.#options;
    const stream = model.open(direction);
    const receiver: Receiver = new Receiver({
      model,
      counts,
      now,
      wrong,
      streamOf: (id) => this.#senders.get(id)?.stream,
      onStream: (received) => {
        this.#receivers.set(received, end);
        this.#unmet.delete(end);
        const sender = this.#senders.get(received.id);
        if (sender === undefined) return;
        this.#unmet.delete(sender);
        sender.receiver.isOf(stream);
        if (sender.hasSeenFin) this.#heardAll(sender);
      },
    });
    const end: End = new End({
      socket,
      script,
      stream,
      receiver,
      now,
      onFin: () => this.#heardAll(end),
      onReset: () => {
        if (this.#otherOf(end) === undefined) this.#unmet.add(end);
      },
      onClose: (error) => this.#closed(end, error),
    });
    this.#ends.add(end);
    this.#senders.set(stream.id, end);
    return end;
  }

  #heardAll(end: End): void {
    const other = this.#otherOf(end);
    // It may have heard nothing that said whose FIN this is.
    if (other !== undefined) end.receiver.isOf(other.stream);
    end.receiver.end(!this.#mayBreak(end));
  }

  #closed(end: End, error: string | undefined): void {
    const { model, wrong } = this.#options;
    this.#ends.delete(end);
    const other = this.#otherOf(end);
    if (error !== undefined && !this.#mayBreak(end) && !this.#mayTurnAway(end) && !this.#met(end)) {
      wrong(
        `${model.name} ${end.stream.direction}: ended with ${error}; ${described(end)}, to ${other === undefined ? 'an unknown end' : described(other)}`,
      );
    }
    if (error !== undefined) end.stream.isAbandoned = true;
    if (other === undefined) {
      // Its bytes may still be on their way.
      setTimeout(() => this.#forget(end), BYTES_LINGER).unref();
    } else if (!this.#ends.has(other)) {
      this.#forget(end);
      this.#forget(other);
    }
  }

  /** Whether one may be the other end of it that has reset, of which nothing told whose it was. */
  #met({ stream: { direction } }: End): boolean {
    const found = [...this.#unmet].find(({ stream }) => stream.direction !== direction);
    return found !== undefined && this.#unmet.delete(found);
  }

  #forget(end: End): void {
    const { stream, receiver } = end;
    receiver.close();
    this.#senders.delete(stream.id);
    this.#strange.delete(end);
    this.#unmet.delete(end);
    this.#receivers.delete(stream);
    this.#options.model.close(stream);
  }

  #otherOf(end: End): End | undefined {
    const { stream } = end.receiver;
    return (stream && this.#senders.get(stream.id)) ?? this.#receivers.get(end.stream);
  }

  /** Whether the connection may end without a FIN of the one end, or before what it sent has come. */
  #mayBreak(end: End): boolean {
    const other = this.#otherOf(end);
    if (this.#isStrange(end)) return true;
    if (end.stream.isAbandoned || other?.stream.isAbandoned) return true;
    const { closers } = end.stream;
    if (other === undefined) return closers.size > 0;
    return closers.intersection(other.stream.closers).size > 0;
  }

  #mayTurnAway({ stream }: End): boolean {
    const { model } = this.#options;
    return stream.isAbandoned || model.mayTurnAway;
  }

  #isDrained(end: End): boolean {
    const { stream, isClosed, hasSeenFin } = end;
    const other = this.#otherOf(end);
    // When its FIN came, a fault might have made it. What came since tells that none has.
    if (other?.hasSeenFin) this.#heardAll(other);
    if (isClosed || stream.isAbandoned || stream.received === stream.sent) return true;
    // A fault has closed it, which is all that it is told.
    return this.#isStrange(end) || (hasSeenFin && this.#mayBreak(end));
  }

  #isStrange(end: End): boolean {
    return this.#strange.has(end) && this.#otherOf(end) === undefined;
  }
}

function described({ isClosed, hasSeenFin, stream, receiver }: End): string {
  return [
    isClosed ? 'closed' : 'open',
    ...(stream.hasFinished ? ['finished'] : []),
    ...(stream.isAbandoned ? ['abandoned'] : []),
    ...(hasSeenFin ? ['has seen FIN'] : []),
    `has received ${receiver.stream?.received ?? 'nothing'}`,
    `stream ${stream.id}: ${stream.toString()}`,
  ].join(', ');
}
