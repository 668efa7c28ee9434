import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Resource } from '../../../src/kube/resource.ts';
import { tryKubectl } from '../../cluster/tests/support/kubectl.ts';

/** How a container ended. */
interface Ended {
  readonly terminated?: { readonly reason?: string; readonly exitCode: number };
}

interface ContainerStatus {
  readonly restartCount: number;
  readonly state?: Ended;
  readonly lastState?: Ended;
}

interface Pod extends KubeObject {
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

const PODS: Resource<Pod> = { group: '', version: 'v1', plural: 'pods' };

const POLL = 200;

/** How often pods are looked at for containers that have ended, in milliseconds. */
const LOOK = 3_000;

/** Milliseconds until another pod is ready. */
const PATIENCE = 120_000;

export interface PodsOptions {
  readonly kube: Kube;
  readonly namespace: string;
  readonly labelSelector: string;
  /** A container that ends by itself and is started again is wrong; else only one that is short of memory is. */
  readonly areToStay: boolean;
}

/** The pods of one Deployment, of which one is to run. */
export class Pods {
  readonly #options: PodsOptions;
  readonly #timer: NodeJS.Timeout;
  #trouble: string | undefined;
  #ip = '';

  constructor(options: PodsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK);
  }

  /** Of the pod that was last seen ready. */
  get ip(): string {
    return this.#ip;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves with the name of one that is ready, and is none of these. */
  async ready(others: readonly string[] = []): Promise<string> {
    const deadline = performance.now() + PATIENCE;
    while (performance.now() < deadline) {
      const pods = await this.#list().catch(() => []);
      const found = pods.find((pod) => isReady(pod) && !others.includes(pod.metadata.name));
      if (found !== undefined) {
        this.#ip = found.status?.podIP ?? '';
        return found.metadata.name;
      }
      await sleep(POLL);
    }
    throw new Error(`No pod with ${this.#options.labelSelector} is ready within ${PATIENCE} ms`);
  }

  /** Deletes them with hardly a grace, waits until nothing of them runs any more, and for another one. */
  async kill(): Promise<void> {
    const names = (await this.#list()).map(({ metadata }) => metadata.name);
    const { namespace, labelSelector } = this.#options;
    await tryKubectl(['-n', namespace, 'delete', 'pod', '-l', labelSelector, '--grace-period=1'], {
      timeoutMs: PATIENCE,
    });
    await this.ready(names);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #list(): Promise<readonly Pod[]> {
    const { kube, namespace, labelSelector } = this.#options;
    return (await kube.list(PODS, { namespace, labelSelector })).items;
  }

  async #look(): Promise<void> {
    // While the API server is away nobody can say.
    const pods = await this.#list().catch(() => []);
    for (const { metadata, status } of pods) {
      for (const container of status?.containerStatuses ?? []) {
        const ended = container.state?.terminated ?? container.lastState?.terminated;
        const isWrong =
          ended?.reason === 'OOMKilled' || (this.#options.areToStay && container.restartCount > 0);
        if (!isWrong || metadata.deletionTimestamp !== undefined) continue;
        this.#trouble = `${metadata.name} ended by itself: ${JSON.stringify(ended)}`;
      }
    }
  }
}

function isReady({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}
