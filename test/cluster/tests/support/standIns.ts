import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report, Snapshot } from '../../../../src/control/messages.ts';
import { ControlServer } from '../../../../src/control/server.ts';
import type { Kube } from '../../../../src/kube/client.ts';
import { isNotFound } from '../../../../src/kube/errors.ts';
import type { KubeObject } from '../../../../src/kube/objects.ts';
import type { Resource } from '../../../../src/kube/resource.ts';
import type { EndpointSlice } from '../../../../src/operator/endpoints.ts';
import type { SelectingService } from '../../../../src/operator/front/handover.ts';
import { CHILDREN, ENDPOINT_SLICES, PODS } from '../../../../src/operator/resources.ts';

const SERVICES = CHILDREN.Service as Resource<SelectingService>;
const MANAGER = 'chaosgate-stand-in';
const GATE_LABEL = 'chaosgate.dev/gate';

/** Addresses of loopback that were given to pods, in whatever namespace. */
let addresses = 0;

/** Milliseconds between looks. */
const INTERVAL = 50;

/** Ports of the gate's own, beside those of its Service. */
const CONTROL_PORT = 15_000;
const HTTP_PORT = 15_001;

interface PodObject extends KubeObject {
  readonly spec: { readonly containers: readonly { readonly ports?: readonly Port[] }[] };
  readonly status?: { readonly podIP?: string };
}

interface Port {
  readonly containerPort: number;
}

interface SecretObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * In place of kubelet, proxies and the EndpointSlice controller, for one namespace: runs the pods of gates at addresses of
 * loopback, which no EndpointSlice may have, and writes the slices of Services by hand.
 */
export class StandIns {
  readonly #kube: Kube;
  readonly #namespace: string;
  readonly #stopping = new AbortController();
  readonly #proxies = new Map<string, StandIn>();
  readonly #running: Promise<void>;

  constructor(kube: Kube, namespace: string) {
    this.#kube = kube;
    this.#namespace = namespace;
    this.#running = this.#run();
  }

  /** What the proxies of that gate run, by pod. */
  snapshots(gate: string): readonly (Snapshot | undefined)[] {
    return [...this.#proxies.values()]
      .filter(({ identity }) => identity === `${this.#namespace}/${gate}`)
      .map(({ snapshot }) => snapshot);
  }

  /** Connections that each proxy of the gate says to have from now on. */
  connect(gate: string, active: number): void {
    for (const proxy of this.#proxies.values()) {
      if (proxy.identity === `${this.#namespace}/${gate}`) proxy.connect(active);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    for (const proxy of this.#proxies.values()) proxy.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#runPods().catch(tolerate);
      await this.#writeSlices().catch(tolerate);
      await sleep(INTERVAL, undefined, { signal }).catch(() => {});
    }
  }

  async #runPods(): Promise<void> {
    const { items } = await this.#kube.list(PODS as Resource<PodObject>, {
      namespace: this.#namespace,
    });
    for (const pod of items) {
      const isNew = pod.status?.podIP === undefined && pod.metadata.deletionTimestamp === undefined;
      if (isNew) await this.#runPod(pod);
    }
    const uids = new Set(items.map(({ metadata }) => metadata.uid));
    for (const [uid, proxy] of this.#proxies) {
      if (uids.has(uid)) continue;
      proxy.close();
      this.#proxies.delete(uid);
    }
  }

  async #runPod(pod: PodObject): Promise<void> {
    const { name, namespace, uid = '', labels = {} } = pod.metadata;
    addresses += 1;
    const address = `127.77.${addresses >> 8}.${addresses & 255}`;
    const gate = labels[GATE_LABEL];
    if (gate !== undefined && !this.#proxies.has(uid)) {
      const ref = { name: `${gate}-chaosgate`, namespace };
      const secret = await this.#kube.get(CHILDREN.Secret as Resource<SecretObject>, ref);
      const ports = pod.spec.containers
        .flatMap((container) => container.ports ?? [])
        .filter(({ containerPort: port }) => port !== CONTROL_PORT && port !== HTTP_PORT);
      const proxy = new StandIn(`${namespace}/${gate}`, secret, uid);
      this.#proxies.set(uid, proxy);
      await proxy.listen(
        address,
        ports.map(({ containerPort }) => containerPort),
      );
    }
    const status = {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: gate === undefined ? 'server' : 'proxy',
          image: 'none',
          imageID: '',
          ready: true,
          restartCount: 0,
          started: true,
          state: { running: { startedAt: new Date().toISOString() } },
        },
      ],
    };
    await this.#kube.replaceStatus(PODS, { name, namespace, uid } as typeof pod.metadata, status, {
      fieldManager: MANAGER,
    });
  }

  async #writeSlices(): Promise<void> {
    const namespace = this.#namespace;
    const { items: services } = await this.#kube.list(SERVICES, { namespace });
    const { items: pods } = await this.#kube.list(PODS as Resource<PodObject>, { namespace });
    for (const service of services) {
      const selector = Object.entries(service.spec?.selector ?? {});
      const selected = pods.filter(
        ({ metadata, status }) =>
          status?.podIP !== undefined &&
          metadata.deletionTimestamp === undefined &&
          selector.every(([key, value]) => metadata.labels?.[key] === value),
      );
      await this.#writeSlice(service, selected);
    }
  }

  /** As the controller does: with the labels of its Service. */
  async #writeSlice({ metadata }: SelectingService, pods: readonly PodObject[]): Promise<void> {
    const { name, namespace, uid = '', labels = {} } = metadata;
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-by-hand`,
        namespace,
        labels: {
          ...labels,
          'kubernetes.io/service-name': name,
          'endpointslice.kubernetes.io/managed-by': MANAGER,
        },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid }],
      },
      addressType: 'IPv4',
      endpoints: pods.map((pod, index) => ({
        addresses: [`192.0.2.${index + 1}`],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: pod.metadata.name, namespace, uid: pod.metadata.uid },
      })),
      ports: [],
    };
    await this.#kube.apply<EndpointSlice>(ENDPOINT_SLICES, slice as unknown as KubeObject, {
      fieldManager: MANAGER,
      force: true,
    });
  }
}

/** A pod, a Service or their namespace that goes meanwhile is no trouble. */
function tolerate(error: unknown): void {
  if (isNotFound(error)) return;
  if (error instanceof Error && /not found|terminated|forbidden|Conflict/i.test(error.message))
    return;
  if (error instanceof Error && error.name === 'KubeApiError') return;
  throw error;
}

/** One proxy: runs what it is sent, takes connections on its ports, and says that it gets to its upstream. */
class StandIn {
  readonly identity: string;
  readonly #uid: string;
  readonly #control: ControlServer;
  readonly #ports: Server[] = [];
  snapshot: Snapshot | undefined;
  #accepted = 0;
  #active = 0;

  constructor(identity: string, secret: SecretObject, uid: string) {
    this.identity = identity;
    this.#uid = uid;
    const key = Buffer.from(secret.data?.key ?? '', 'base64');
    this.#control = new ControlServer({
      gate: (name) =>
        name !== identity
          ? undefined
          : {
              key,
              apply: async (snapshot) => {
                this.snapshot = snapshot;
              },
              remainingMilliseconds: () => undefined,
              report: () => this.#report(),
            },
      onError: () => {},
    });
  }

  async listen(address: string, ports: readonly number[]): Promise<void> {
    await this.#control.listen(CONTROL_PORT, address);
    for (const port of ports) {
      const server = createServer((socket) => {
        this.#accepted += 1;
        socket.on('error', () => {});
        socket.resume();
        this.#control.changed(this.identity);
      });
      this.#ports.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, address, resolve);
      });
    }
  }

  connect(active: number): void {
    this.#active = active;
    this.#control.changed(this.identity);
  }

  close(): void {
    this.#control.close();
    for (const server of this.#ports) server.close();
  }

  #report(): Report {
    const { snapshot } = this;
    return {
      instance: this.#uid,
      generation: snapshot?.generation ?? 0,
      faults: 'none',
      connections: { active: this.#active, accepted: this.#accepted },
      ...(snapshot?.run === undefined
        ? {}
        : { run: { number: snapshot.run.number, state: snapshot.stop ?? 'NoFaults' } }),
      upstream: this.#accepted === 0 ? {} : { reachable: true },
    };
  }
}
