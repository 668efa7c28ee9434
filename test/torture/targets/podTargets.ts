import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../../../src/async/sequence.ts';
import type { Kube } from '../../../src/kube/client.ts';
import { isAlreadyExists, isNotFound } from '../../../src/kube/errors.ts';
import { PORTS } from '../../../src/operator/desired/common.ts';
import { ENGAGED, LEVER, LEVERS } from '../../../src/operator/lever.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { SYSTEM } from '../../cluster/tests/support/system.ts';
import type { Address } from '../actors/traffic.ts';
import { KubeGate } from './kubeGate.ts';
import { Pods } from './pods.ts';
import type { Door, Target } from './target.ts';

/** Of the operator's container, by the chart. */
const OPERATOR_HTTP = 8_080;

/** Of the gates' Services. */
const PORT = 7_000;

/** What all targets of a cluster share. */
export interface ClusterPlace {
  readonly kube: Kube;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** One thing of a cluster is killed at a time: else none would come back to be killed again. */
  readonly kills: Sequence;
}

/**
 * A TcpGate of the cluster, and the pod of its proxy. Clients go to the pod: through the Service they would be refused
 * whenever the node is so busy that a probe of the kubelet is late.
 */
export class GatePodTarget implements Target {
  readonly name: string;
  readonly kind = 'pods of proxies';
  readonly peakBytes = undefined;
  readonly gates: readonly [KubeGate];
  readonly #place: ClusterPlace;
  readonly #upstream: Address;
  readonly #pods: Pods;

  constructor(name: string, upstream: Address, place: ClusterPlace) {
    this.name = name;
    this.#place = place;
    this.#upstream = upstream;
    const { kube, namespace } = place;
    this.gates = [
      new KubeGate({
        kube: () => kube,
        name,
        namespace,
        address: () => ({ host: this.#pods.ip, port: PORTS.gate }),
        pullLever: (isEngaged) => pullLever(place, isEngaged),
      }),
    ];
    this.#pods = new Pods({
      kube,
      namespace,
      labelSelector: `chaosgate.dev/gate=${name}`,
      areToStay: true,
    });
  }

  get doors(): readonly Door[] {
    const { ip } = this.#pods;
    return [
      { host: ip, port: PORTS.control },
      { host: ip, port: PORTS.http },
      { host: ip, port: PORTS.gate, gate: 0 },
    ];
  }

  get trouble(): string | undefined {
    return this.#pods.trouble;
  }

  async start(): Promise<void> {
    await this.gates[0].create({ upstream: this.#upstream, listen: { port: PORT } });
    await this.#pods.ready();
    await this.gates[0].ready();
  }

  kill(beforehand: () => void): Promise<void> {
    return this.#place.kills.run(async () => {
      beforehand();
      await this.#pods.kill();
      await this.gates[0].ready();
    });
  }

  async fillDisk(): Promise<boolean> {
    return false;
  }

  async stop(): Promise<void> {
    this.#pods.stop();
  }
}

/** That of the namespace: it is for all gates of the campaign, whichever of them asks. */
async function pullLever({ kube, namespace }: ClusterPlace, isEngaged: boolean): Promise<void> {
  const metadata = { name: LEVER, namespace };
  const lever = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { [ENGAGED.key]: ENGAGED.value },
  };
  try {
    if (isEngaged) await kube.create(LEVERS, lever);
    else await kube.delete(LEVERS, metadata);
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
  }
}

/** The operator, without gates of its own. */
export class OperatorTarget implements Target {
  readonly name = 'operator';
  readonly kind = 'operators';
  readonly peakBytes = undefined;
  readonly gates = [];
  readonly #place: ClusterPlace;
  readonly #pods: Pods;

  constructor(place: ClusterPlace) {
    this.#place = place;
    this.#pods = new Pods({
      kube: place.kube,
      namespace: SYSTEM,
      labelSelector: 'app.kubernetes.io/component=operator',
      // It ends by itself, and is started again, when it has lost its Lease: the API server is killed, too.
      areToStay: false,
    });
  }

  get doors(): readonly Door[] {
    return [{ host: this.#pods.ip, port: OPERATOR_HTTP }];
  }

  get trouble(): string | undefined {
    return this.#pods.trouble;
  }

  async start(): Promise<void> {
    await this.#pods.ready();
  }

  kill(beforehand: () => void): Promise<void> {
    return this.#place.kills.run(async () => {
      beforehand();
      await this.#pods.kill();
    });
  }

  async fillDisk(): Promise<boolean> {
    return false;
  }

  async stop(): Promise<void> {
    this.#pods.stop();
  }
}

/** The API server of the node: gates go on while it is away. */
export class ApiServerTarget implements Target {
  readonly name = 'API server';
  readonly kind = 'API servers';
  readonly peakBytes = undefined;
  readonly trouble = undefined;
  readonly gates = [];
  readonly doors = [];
  readonly #place: ClusterPlace;

  constructor(place: ClusterPlace) {
    this.#place = place;
  }

  async start(): Promise<void> {}

  kill(beforehand: () => void): Promise<void> {
    const { cluster, kills } = this.#place;
    return kills.run(async () => {
      beforehand();
      await cluster.stopApiServer();
      try {
        await sleep(AWAY);
      } finally {
        await cluster.startApiServer();
      }
    });
  }

  async fillDisk(): Promise<boolean> {
    return false;
  }

  async stop(): Promise<void> {}
}

/** Milliseconds that the API server is away. */
const AWAY = 5_000;
