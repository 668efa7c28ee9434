import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Connection } from '../../../src/gate/connection.ts';
import type { FaultName } from '../../../src/gate/faults/registry.ts';
import { type GateRules, rulesOf } from '../../../src/gate/rules.ts';
import { KEEPING, stackOf } from './faults/course.ts';
import { type Faults, HandClock } from './faults/support.ts';
import { ScriptedSocket } from './scriptedSocket.ts';

const DIRECTIONS = ['toServer', 'toClient'] as const;
type Name = (typeof DIRECTIONS)[number];

const CONNECTIONS = 3;

/** Both directions of every connection, and what was sent in them. */
interface Way {
  readonly name: Name;
  readonly source: ScriptedSocket;
  readonly sink: ScriptedSocket;
  sent: Buffer;
  hasEnded: boolean;
}

class Scene {
  readonly clock = new HandClock();
  readonly budget: Budget;
  readonly ways: readonly Way[];
  readonly #connections: readonly Connection[];
  #rules: GateRules;
  #faults: Record<Name, Faults> = { toServer: {}, toClient: {} };

  constructor({ connectionBytes, processBytes, highWaterMark }: Bounds) {
    this.budget = new Budget(processBytes);
    this.#rules = this.#parse(undefined);
    const observer = { bytes() {}, injected() {}, delayed() {} };
    const ends = Array.from({ length: CONNECTIONS }, () => ({
      client: new ScriptedSocket(highWaterMark),
      server: new ScriptedSocket(highWaterMark),
    }));
    this.#connections = ends.map(
      ({ client, server }, index) =>
        new Connection({
          client: client as unknown as Socket,
          server: server as unknown as Socket,
          number: index + 1,
          clock: this.clock,
          connectionBytes,
          budget: this.budget,
          share: this,
          observers: { toServer: observer, toClient: observer },
          onClose() {},
        }),
    );
    this.ways = ends.flatMap(({ client, server }) => [
      { name: 'toServer', source: client, sink: server, sent: Buffer.alloc(0), hasEnded: false },
      { name: 'toClient', source: server, sink: client, sent: Buffer.alloc(0), hasEnded: false },
    ]);
    for (const connection of this.#connections) connection.start(this.#rules);
  }

  isUnder(name: Name, fault: FaultName): boolean {
    return this.#faults[name]?.[fault] !== undefined;
  }

  setFaults(faults: Partial<Record<Name, Faults>>): void {
    this.#faults = { ...this.#faults, ...faults };
    this.#rules = this.#parse(this.#rules);
    for (const connection of this.#connections) connection.setRules(this.#rules);
    for (const connection of this.#connections) connection.refill();
  }

  /** Whatever can happen without the clock and without a receiver that reads happens. */
  async settle(): Promise<void> {
    do await turn();
    while (this.ways.map(({ source }) => source.poll()).includes(true));
  }

  /** Whatever can happen at all, as long as nobody changes the faults. */
  async runOut(): Promise<void> {
    for (const { sink } of this.ways) sink.unblock();
    await this.settle();
    for (let steps = 0; this.clock.waiting > 0; steps += 1) {
      if (steps === 100_000) throw new Error('The timers never end');
      this.clock.advance(100);
      await this.settle();
    }
  }

  close(): void {
    for (const connection of this.#connections) connection.close('Reset', 'GateClosed');
  }

  #parse(current: GateRules | undefined): GateRules {
    const upstream = { host: 'server', port: 1 };
    return rulesOf(gateConfig.parse({ upstream, ...this.#faults }), current);
  }
}

interface Bounds {
  readonly connectionBytes: number;
  readonly processBytes: number;
  readonly highWaterMark: number;
}

/** So tight that they are met, and so wide that they are not. */
const bounds: fc.Arbitrary<Bounds> = fc.record({
  connectionBytes: fc.constantFrom(1, 300, 2_000, 2 ** 20),
  processBytes: fc.constantFrom(1, 400, 3_000, 2 ** 30),
  highWaterMark: fc.constantFrom(16, 200, 65_536),
});

type Step =
  | { readonly do: 'send'; readonly way: number; readonly length: number }
  | { readonly do: 'block' | 'unblock' | 'end'; readonly way: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'settle' }
  | { readonly do: 'patch'; readonly name: Name; readonly faults: Faults };

const way = fc.nat(2 * CONNECTIONS - 1);

function steps(stack: fc.Arbitrary<Faults>): fc.Arbitrary<Step[]> {
  const step = <T extends Step['do']>(name: T) => fc.constant(name);
  return fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: step('send'), way, length: fc.integer({ min: 1, max: 600 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: step('block'), way }) },
      { weight: 2, arbitrary: fc.record({ do: step('unblock'), way }) },
      { weight: 1, arbitrary: fc.record({ do: step('end'), way }) },
      { weight: 3, arbitrary: fc.record({ do: step('wait'), milliseconds: fc.nat(200) }) },
      { weight: 2, arbitrary: fc.record({ do: step('settle') }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: step('patch'),
          name: fc.constantFrom(...DIRECTIONS),
          faults: stack,
        }),
      },
    ),
    { maxLength: 50, size: 'max' },
  );
}

async function take(step: Step, scene: Scene): Promise<void> {
  if (step.do === 'settle') await scene.settle();
  else if (step.do === 'wait') scene.clock.advance(step.milliseconds);
  else if (step.do === 'patch') scene.setFaults({ [step.name]: step.faults });
  else {
    const way = scene.ways[step.way];
    if (way === undefined) return;
    if (step.do === 'block') way.sink.block();
    else if (step.do === 'unblock') way.sink.unblock();
    else if (!way.hasEnded) send(way, step.do === 'send' ? step.length : 0);
  }
}

/** No byte is the same as its neighbours. 0: FIN. */
function send(way: Way, length: number): void {
  way.hasEnded = length === 0;
  const from = way.sent.length;
  const data = Buffer.from(Array.from({ length }, (_, index) => (from + index) % 251));
  way.sent = Buffer.concat([way.sent, data]);
  way.source.receive(way.hasEnded ? null : data);
}

const { limitTime: _, limitIdle: __, ...lasting } = KEEPING;

describe('a direction that holds bytes, or has a source with some, has something that wakes it', () => {
  test('whatever came before: without a change of the faults, all of them arrive', async () => {
    await fc.assert(
      fc.asyncProperty(bounds, steps(stackOf(lasting)), async (bound, course) => {
        const scene = new Scene(bound);
        for (const step of course) await take(step, scene);
        await scene.runOut();
        for (const { name, source, sink, sent, hasEnded } of scene.ways) {
          if (scene.isUnder(name, 'stall')) continue;
          expect(source.unread).toBe(0);
          expect(Buffer.concat(sink.written).equals(sent)).toBe(true);
          expect(sink.writableEnded).toBe(hasEnded);
        }
        scene.close();
      }),
      { numRuns: 300 },
    );
  });

  test('also beside bytes that wait for the rest of a match, which may take up the whole budget', async () => {
    const substitute = fc.constantFrom(
      [{ pattern: '(?s)d.*\\xff', replacement: '' }],
      [{ pattern: '(?s)d.{20}\\xff', replacement: '' }],
    );
    await fc.assert(
      fc.asyncProperty(
        bounds,
        steps(stackOf({ ...lasting, substitute })),
        async (bound, course) => {
          const scene = new Scene(bound);
          for (const step of course) await take(step, scene);
          await scene.runOut();
          for (const { name, source, sink, sent } of scene.ways) {
            const received = Buffer.concat(sink.written);
            expect(received.equals(sent.subarray(0, received.length))).toBe(true);
            if (scene.isUnder(name, 'stall')) continue;
            expect(source.unread).toBe(0);
            if (!scene.isUnder(name, 'substitute')) expect(received).toHaveLength(sent.length);
          }
          scene.close();
        },
      ),
      { numRuns: 300 },
    );
  });
});
