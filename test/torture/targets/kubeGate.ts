import { setTimeout as sleep } from 'node:timers/promises';
import { faultsText } from '../../../src/api/text.ts';
import { type GateObject, TCP_GATES } from '../../../src/client/resource.ts';
import type { GateConfig } from '../../../src/gate/config.ts';
import { faults } from '../../../src/gate/faults/registry.ts';
import type { Kube } from '../../../src/kube/client.ts';
import { KubeApiError } from '../../../src/kube/errors.ts';
import type { Address } from '../actors/traffic.ts';
import type { ApplyResult, TargetGate } from './target.ts';

const POLL = 25;

/** Milliseconds that a change may take until it is in force. */
const PATIENCE = 15_000;

/** Milliseconds until a gate whose process was killed serves again. */
const READY_PATIENCE = 120_000;

export interface KubeGateOptions {
  /** The client of now: another one after a restart. */
  kube(): Kube;
  readonly name: string;
  readonly namespace: string;
  /** Where clients find it now. */
  address(): Address;
}

/** A TcpGate, changed by merge patches as kubectl does, and believed when its status says so. */
export class KubeGate implements TargetGate {
  readonly #options: KubeGateOptions;

  constructor(options: KubeGateOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get address(): Address {
    return this.#options.address();
  }

  async apply(config: GateConfig): Promise<ApplyResult> {
    try {
      const { metadata } = await this.#patch(mergePatchOf(config));
      return await this.#inForce(Number(metadata.generation), config);
    } catch (error) {
      return resultOf(error);
    }
  }

  async offend(spec: Readonly<Record<string, unknown>>): Promise<ApplyResult> {
    try {
      await this.#patch(spec);
      return { is: 'unknown', why: 'it was taken' };
    } catch (error) {
      return resultOf(error);
    }
  }

  /** Resolves when clients can come. */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_PATIENCE;
    while (performance.now() < deadline) {
      const { status } = await this.#options.kube().get(TCP_GATES, this.#options);
      if (status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) {
        return;
      }
      await sleep(POLL);
    }
    throw new Error(`${this.name} is not ready within ${READY_PATIENCE} ms`);
  }

  #patch(spec: object): Promise<GateObject> {
    return this.#options.kube().mergePatch(TCP_GATES, this.#options, { spec }, { strict: true });
  }

  async #inForce(generation: number, config: GateConfig): Promise<ApplyResult> {
    const expected = faultsText(config);
    const deadline = performance.now() + PATIENCE;
    let said = '';
    while (performance.now() < deadline) {
      const { metadata, status } = await this.#options.kube().get(TCP_GATES, this.#options);
      const programmed = status?.conditions?.find(({ type }) => type === 'Programmed');
      said = `${status?.faults}, generation ${metadata.generation}: ${JSON.stringify(programmed)}`;
      const isCurrent = (programmed?.observedGeneration ?? 0) >= generation;
      if (isCurrent && programmed?.status === 'True' && status?.faults === expected) {
        return { is: 'in force' };
      }
      await sleep(POLL);
    }
    return { is: 'unknown', why: `expected ${expected}, and its status says ${said}` };
  }
}

/** Answers that say that nothing was changed: a bad request, and a full disk. */
function resultOf(error: unknown): ApplyResult {
  const why = error instanceof Error ? error.message : String(error);
  const isRefusal =
    error instanceof KubeApiError && (error.status < 500 || /nothing was changed/.test(why));
  return { is: isRefusal ? 'refused' : 'unknown', why };
}

const FIELDS = [...Object.keys(faults), 'connectionsPercent'];

/** Sets all that the configuration has, and lifts what it has not. */
function mergePatchOf({ toServer, toClient, disconnect, ...config }: GateConfig) {
  const whole = (direction: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(FIELDS.map((name) => [name, direction[name] ?? null]));
  return {
    toServer: whole(toServer),
    toClient: whole(toClient),
    newConnections: config.newConnections,
    maxConnections: config.maxConnections,
    seed: config.seed,
    ...(disconnect === undefined ? {} : { disconnect: { count: null, ...disconnect } }),
  };
}
