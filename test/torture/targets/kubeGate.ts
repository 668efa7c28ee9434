import { setTimeout as sleep } from 'node:timers/promises';
import { type GateObject, TCP_GATES } from '../../../src/client/resource.ts';
import { faults } from '../../../src/gate/faults/registry.ts';
import type { Kube } from '../../../src/kube/client.ts';
import { isNotFound, KubeApiError } from '../../../src/kube/errors.ts';
import type { Address } from '../actors/traffic.ts';
import { outcomeOfText } from './expected.ts';
import type { ApplyResult, Asked, TargetGate } from './target.ts';

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
  /** What it is created with, beside its faults; undefined: it is never deleted. */
  readonly created?: object;
  readonly pullLever?: (isEngaged: boolean) => Promise<void>;
}

/** A TcpGate, changed by merge patches as kubectl does, and believed when its status says so. */
export class KubeGate implements TargetGate {
  readonly pullLever?: (isEngaged: boolean) => Promise<void>;
  readonly recreate?: (asked: Asked) => Promise<ApplyResult>;
  readonly #options: KubeGateOptions;
  #generation = 0;

  constructor(options: KubeGateOptions) {
    this.#options = options;
    const { pullLever, created } = options;
    if (pullLever !== undefined) this.pullLever = pullLever;
    if (created !== undefined) this.recreate = (asked) => this.#recreate(asked, created);
  }

  get name(): string {
    return this.#options.name;
  }

  get address(): Address {
    return this.#options.address();
  }

  async apply(asked: Asked): Promise<ApplyResult> {
    try {
      const { metadata } = await this.#patch(mergePatchOf(asked));
      return await this.#inForce(Number(metadata.generation), asked);
    } catch (error) {
      return resultOf(error);
    }
  }

  async said(): Promise<string | undefined> {
    try {
      const { status } = await this.#options.kube().get(TCP_GATES, this.#options);
      return this.#isProgrammed(status) ? status?.faults : undefined;
    } catch {
      // It is away.
      return undefined;
    }
  }

  create(spec: object): Promise<GateObject> {
    const { name, namespace } = this.#options;
    return this.#options.kube().create(TCP_GATES, {
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { name, namespace },
      spec: spec as never,
    });
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

  async #recreate(asked: Asked, created: object): Promise<ApplyResult> {
    try {
      await this.#options.kube().delete(TCP_GATES, this.#options);
    } catch (error) {
      // An attempt before this one may have deleted it.
      if (!isNotFound(error)) return resultOf(error);
    }
    try {
      const { metadata } = await this.create({ ...created, ...withoutNull(mergePatchOf(asked)) });
      return await this.#inForce(Number(metadata.generation), asked);
    } catch (error) {
      return { is: 'unknown', why: String(error) };
    }
  }

  async #inForce(generation: number, asked: Asked): Promise<ApplyResult> {
    this.#generation = generation;
    const deadline = performance.now() + PATIENCE;
    let said = '';
    while (performance.now() < deadline) {
      const { metadata, status } = await this.#options.kube().get(TCP_GATES, this.#options);
      said = `${status?.faults}, generation ${metadata.generation}: ${JSON.stringify(status?.conditions)}`;
      const outcome = outcomeOfText(status?.faults, asked);
      if (outcome !== undefined && this.#isProgrammed(status)) return outcome;
      await sleep(POLL);
    }
    return {
      is: 'unknown',
      why: `asked for ${JSON.stringify(asked)}, and its status says ${said}`,
    };
  }

  #isProgrammed(status: GateObject['status']): boolean {
    const programmed = status?.conditions?.find(({ type }) => type === 'Programmed');
    return (
      programmed?.status === 'True' && (programmed.observedGeneration ?? 0) >= this.#generation
    );
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

/** Sets all that is asked for, and lifts what is not. */
function mergePatchOf({ config, run }: Asked) {
  const { toServer, toClient, disconnect, newConnections, maxConnections, seed } = config;
  const whole = (direction: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(FIELDS.map((name) => [name, direction[name] ?? null]));
  return {
    toServer: whole(toServer),
    toClient: whole(toClient),
    ...{ newConnections, maxConnections, seed },
    durationSeconds: run.durationSeconds ?? null,
    suspend: run.suspend ?? null,
    faultsNonce: run.nonce,
    ...(disconnect === undefined ? {} : { disconnect: { count: null, ...disconnect } }),
  };
}

/** What a merge patch makes of nothing. */
function withoutNull(patch: object): object {
  return JSON.parse(JSON.stringify(patch), (_, value) => value ?? undefined);
}
