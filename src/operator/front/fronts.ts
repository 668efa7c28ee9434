import { z } from 'zod';
import { DEFAULT_DRAIN_SECONDS } from '../../api/frontedService.ts';
import { API_VERSION, KIND } from '../../api/names.ts';
import { type GateWithUpstream, type TcpGate, withUpstream } from '../../api/tcpgate.ts';
import type { LinkState } from '../../control/link.ts';
import { gateConfig } from '../../gate/config.ts';
import type { Kube } from '../../kube/client.ts';
import { isConflict, isNotFound, isPatchTestFailed } from '../../kube/errors.ts';
import { find } from '../../kube/find.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Resource } from '../../kube/resource.ts';
import { isOlder } from '../../kube/resourceVersion.ts';
import type { Clock } from '../../time/clock.ts';
import type { Problem } from '../gateRuntime.ts';
import type { ProxyPod } from '../pods.ts';
import { CHILDREN, ENDPOINT_SLICES, TCP_GATES } from '../resources.ts';
import type { Fronted } from '../snapshot.ts';
import { type Action, decide, type Origin, type Seen } from './decide.ts';
import {
  finalizerRemoval,
  frontingOf,
  isHeld,
  releaseStep,
  type Selector,
  SLICES_LIMIT,
  switchOf,
} from './handover.ts';
import {
  FRONT_MANAGER,
  FRONT_RECORD_ANNOTATION,
  ORIGIN_SUFFIX,
  RELEASE_FINALIZER,
} from './names.ts';
import { frontPorts } from './ports.ts';
import { portsText } from './portsText.ts';
import { type FrontRecord, parseRecord, recordText } from './record.ts';
import { type Front, type FrontedGate, type Memory, restAt } from './rest.ts';
import { isSamePorts } from './samePorts.ts';
import type { Service } from './service.ts';

export interface FrontsOptions {
  readonly kube: Pick<Kube, 'get' | 'list' | 'apply' | 'jsonPatch'>;
  /** The gate as the API server has it. */
  readonly gate: (key: string) => KubeObject | undefined;
  /** The Service of that name that a gate owns. */
  readonly origin: (key: string) => KubeObject | undefined;
  readonly pods: (key: string) => readonly ProxyPod[];
  readonly links: (key: string) => readonly LinkState[];
  /** Why the gate may not be put in front of the Service; undefined: it may. */
  readonly check: (gate: TcpGate, service: Service) => Promise<Problem | undefined>;
  /** Whether a client of that pod of the gate gets to the servers. */
  readonly prove: (key: string, ip: string, port: number) => Promise<boolean>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

const SERVICES = CHILDREN.Service as Resource<Service>;

/** Steps of one look at most: more than any way takes, so that one who changes the Service all the time is left alone. */
const STEPS = 20;

/** Milliseconds in which nodes follow the slices: kube-proxy takes a second at worst. */
const NODES_FOLLOW = 2_000;

/** What the release of a gate needs: a spec that this version does not understand has it, too. */
const leavingGate = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), uid: z.string() }),
  spec: z.object({
    service: z.object({
      name: z.string(),
      ports: z.array(z.string()).optional(),
      drainSeconds: z.number().default(DEFAULT_DRAIN_SECONDS),
    }),
  }),
});

/** Puts gates in front of Services, and takes them away again. See `decide` for the order. */
export class Fronts {
  readonly #options: FrontsOptions;
  readonly #memories = new Map<string, Memory>();

  constructor(options: FrontsOptions) {
    this.#options = options;
  }

  /** Goes as far as it can go now. The children of the gate must be made as the result says. */
  async advance(key: string, gate: TcpGate): Promise<Front> {
    const { metadata, spec } = gate;
    const { name, namespace, uid } = metadata;
    const { service } = spec;
    if (service === undefined) throw new TypeError(`Gate ${key} has no service`);
    const { ports, drainSeconds, replicas } = service;
    const nonce = spec.faultsNonce ?? '';
    const ids = { key, name, namespace, uid, service: service.name };
    return this.#advance(
      { ...ids, ports, drainSeconds, replicas, nonce, isDeleted: false },
      (found) => this.#options.check(gate, found),
    );
  }

  /** Takes a deleted gate from its Service. undefined: it is not there any more, and nothing keeps the gate. */
  async leave(key: string, raw: KubeObject): Promise<Front | undefined> {
    if (!isHeld(raw)) return undefined;
    const { metadata, spec } = leavingGate.parse(raw);
    const { name: service, ports, drainSeconds } = spec.service;
    const gate = { key, ...metadata, service, ports, drainSeconds, replicas: 0, nonce: '' };
    const front = await this.#advance({ ...gate, isDeleted: true }, async () => undefined);
    return front.at === 'Gone' ? undefined : front;
  }

  /** The gate with the upstream that it has, by the origin Service; undefined while there is none. */
  asMade(
    key: string,
    gate: TcpGate,
    inFront: boolean,
  ): { readonly gate: GateWithUpstream; readonly fronted: Fronted } | undefined {
    const origin = this.#origin({ key, uid: gate.metadata.uid });
    const { clusterIP: host, ports = [], selector: original = {} } = origin?.spec ?? {};
    const [first] = ports;
    if (host === undefined || first === undefined) return undefined;
    const upstream = gateConfig.shape.upstream.parse({ host, port: first.port });
    const fronted = { ports: frontPorts(ports, gate.spec.service?.ports), original, inFront };
    return { gate: withUpstream(gate, upstream), fronted };
  }

  /** Where clients connect: the Service, at the first of its ports. */
  address(key: string, { metadata, spec }: TcpGate): string | undefined {
    const port = this.#origin({ key, uid: metadata.uid })?.spec?.ports?.[0]?.port;
    if (port === undefined || spec.service === undefined) return undefined;
    return `${spec.service.name}.${metadata.namespace}.svc:${port}`;
  }

  forget(key: string): void {
    this.#memories.delete(key);
  }

  async #advance(
    gate: FrontedGate,
    check: (service: Service) => Promise<Problem | undefined>,
  ): Promise<Front> {
    const memory = this.#memory(gate);
    // What was in the way may be gone, and not all of it is in the Service.
    if (memory.checked?.problem !== undefined) delete memory.checked;
    for (let step = 0; step < STEPS; step += 1) {
      const { seen, service } = await this.#see(gate, memory);
      const action = decide(seen);
      const rest = restAt(action, gate, seen, memory);
      const isDone = rest !== undefined && !(await this.#proves(action, gate, seen, memory));
      if (isDone) return { ...rest, service, original: originalOf(seen) };
      if (rest === undefined) await this.#try(action, gate, seen, memory, check);
    }
    throw new Error(`Service ${gate.service} is changed again and again while the gate changes it`);
  }

  async #try(
    action: Action,
    gate: FrontedGate,
    seen: Seen,
    memory: Memory,
    check: (service: Service) => Promise<Problem | undefined>,
  ): Promise<void> {
    const { service }: { readonly service?: Service | undefined } = seen;
    try {
      if (action.do === 'check' && service !== undefined) {
        const { resourceVersion: version } = service.metadata;
        memory.checked = { version, problem: await check(service) };
      } else await this.#perform(action, gate, seen, memory);
    } catch (error) {
      // Somebody else has written meanwhile: what there is now decides.
      if (!isConflict(error) && !isPatchTestFailed(error) && !isNotFound(error)) throw error;
    }
  }

  async #see(
    gate: FrontedGate,
    memory: Memory,
  ): Promise<{ readonly seen: Seen; readonly service: Service | undefined }> {
    const { key, name, uid, isDeleted, nonce } = gate;
    const service = await find(this.#options.kube, SERVICES, {
      name: gate.service,
      namespace: gate.namespace,
    });
    const { isHeld, record } = marksOf(this.#options.gate(key), memory);
    const origin = this.#originOf(gate, service);
    const isReleased =
      service === undefined || releaseStep(service, gate, origin?.selector) === undefined;
    const isListed = isDeleted && isReleased && (await this.#isListed(gate, memory));
    const { checked } = memory;
    const isChecked =
      checked !== undefined && checked.version === service?.metadata.resourceVersion;
    const seen = {
      gate: { name, uid },
      isDeleted,
      isHeld,
      nonce,
      record,
      service,
      origin,
      mayFront: isChecked ? checked.problem === undefined : undefined,
      areProxiesReady: service !== undefined && this.#areProxiesReady(gate, service),
      isProved: service !== undefined && memory.proved === this.#proofOf(gate, service),
      isListed,
      isDrained: isDeleted && isReleased && !isListed && this.#isDrained(gate, memory, record),
    };
    return { seen, service };
  }

  #originOf(gate: FrontedGate, service: Service | undefined): Origin | undefined {
    const origin = this.#origin(gate);
    if (origin === undefined) return undefined;
    const hasPorts = isSamePorts(origin.spec?.ports, service?.spec?.ports);
    return { selector: origin.spec?.selector, hasPorts };
  }

  #origin({ key, uid }: Pick<FrontedGate, 'key' | 'uid'>): Service | undefined {
    const origin: Service | undefined = this.#options.origin(`${key}${ORIGIN_SUFFIX}`);
    const isOwn = origin?.metadata.ownerReferences?.some((owner) => owner.uid === uid);
    // What is longer than the operator would write is not kept as it is.
    const isKept = Object.values(origin?.spec?.selector ?? {}).every(
      (value) => typeof value === 'string',
    );
    return isOwn === true && isKept ? origin : undefined;
  }

  #areProxiesReady(gate: FrontedGate, service: Service): boolean {
    const wanted = portsText(frontPorts(service.spec?.ports ?? [], gate.ports));
    const pods = this.#options.pods(gate.key).filter(({ terminating }) => !terminating);
    return pods.some(({ ready }) => ready) && pods.every(({ ports }) => ports === wanted);
  }

  #proofOf(gate: FrontedGate, service: Service): string | undefined {
    const uid = this.#origin(gate)?.metadata.uid;
    if (uid === undefined) return undefined;
    return `${uid} ${portsText(frontPorts(service.spec?.ports ?? [], gate.ports))}`;
  }

  /** Whether a slice of the Service names a pod of the gate: read, since a cache may be behind the Service. */
  async #isListed(gate: FrontedGate, memory: Memory): Promise<boolean> {
    const { kube, clock, pods } = this.#options;
    memory.releasedAt ??= clock.monotonic();
    if (memory.clearAt !== undefined) return false;
    if (clock.monotonic() - memory.releasedAt < SLICES_LIMIT) {
      const { items } = await kube.list(ENDPOINT_SLICES, {
        namespace: gate.namespace,
        labelSelector: `kubernetes.io/service-name=${gate.service}`,
      });
      const uids = new Set(pods(gate.key).map(({ uid }) => uid));
      const named = items.flatMap(({ endpoints }) => endpoints ?? []);
      if (named.some(({ targetRef }) => uids.has(targetRef?.uid ?? ''))) return true;
    }
    memory.clearAt = clock.monotonic();
    return false;
  }

  #isDrained(gate: FrontedGate, { clearAt = 0 }: Memory, record: FrontRecord | undefined): boolean {
    const { clock, links, pods } = this.#options;
    const since = clock.monotonic() - clearAt;
    if (record?.at === 'InFront' && since < NODES_FOLLOW) return false;
    if (since >= gate.drainSeconds * 1_000) return true;
    const states = links(gate.key);
    const isSilent =
      states.some(({ report }) => report === undefined) ||
      (states.length === 0 && pods(gate.key).some(({ running }) => running));
    return !isSilent && states.every(({ report }) => report?.connections.active === 0);
  }

  /** True when that is new, so that more can be done. */
  async #proves(action: Action, gate: FrontedGate, seen: Seen, memory: Memory): Promise<boolean> {
    const { service }: { readonly service?: Service | undefined } = seen;
    if (action.do !== 'await' || action.what !== 'Proof' || service === undefined) return false;
    const ports = frontPorts(service.spec?.ports ?? [], gate.ports);
    const port = ports.find(({ faults }) => faults) ?? ports[0];
    const pod = this.#options
      .pods(gate.key)
      .find(({ ready, terminating }) => ready && !terminating);
    if (port === undefined || pod?.ip === undefined) return false;
    const proof = this.#proofOf(gate, service);
    if (proof === undefined) return false;
    if (!(await this.#options.prove(gate.key, pod.ip, port.listen))) return false;
    memory.proved = proof;
    return true;
  }

  async #perform(action: Action, gate: FrontedGate, seen: Seen, memory: Memory): Promise<void> {
    const { kube } = this.#options;
    if (action.do === 'hold') await this.#mark(gate, seen.record, memory);
    if (action.do === 'record') await this.#mark(gate, action.record, memory);
    if (action.do === 'letGo') await this.#letGo(gate, memory);
    if (seen.service === undefined) return;
    if (action.do === 'switch') {
      const body = switchOf(seen.service, gate, action.original);
      await kube.apply(SERVICES, body, { fieldManager: FRONT_MANAGER, force: true });
      memory.havePortsChanged = false;
    }
    if (action.do === 'release') {
      const { operations } = action.step;
      await kube.jsonPatch(SERVICES, seen.service.metadata, operations, {
        fieldManager: FRONT_MANAGER,
      });
      if (action.why === 'PortsChanged') memory.havePortsChanged = true;
    }
  }

  /** The finalizer, and the record: all that the operator has in the metadata of a gate. */
  async #mark(gate: FrontedGate, record: FrontRecord | undefined, memory: Memory): Promise<void> {
    const { name, namespace, uid } = gate;
    const annotations =
      record === undefined ? {} : { [FRONT_RECORD_ANNOTATION]: recordText(record) };
    const metadata = { name, namespace, uid, finalizers: [RELEASE_FINALIZER], annotations };
    const body = { apiVersion: API_VERSION, kind: KIND, metadata };
    const options = { fieldManager: FRONT_MANAGER, force: true };
    const marked = await this.#options.kube.apply<KubeObject>(TCP_GATES, body, options);
    memory.marked = { version: marked.metadata.resourceVersion, record };
  }

  async #letGo({ key, name, namespace, uid }: FrontedGate, memory: Memory): Promise<void> {
    const finalizers = this.#options.gate(key)?.metadata.finalizers ?? [];
    try {
      await this.#options.kube.jsonPatch(
        TCP_GATES,
        { name, namespace },
        finalizerRemoval({ uid, finalizers }),
        { fieldManager: FRONT_MANAGER },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    memory.isLetGo = true;
  }

  #memory({ key, uid }: FrontedGate): Memory {
    const known = this.#memories.get(key);
    if (known?.uid === uid) return known;
    const memory = { uid };
    this.#memories.set(key, memory);
    return memory;
  }
}

function originalOf({ service, gate, origin }: Seen): Selector | undefined {
  if (service === undefined) return origin?.selector;
  const fronting = frontingOf(service);
  if (fronting?.gate.uid !== gate.uid) return service.spec?.selector;
  return fronting.original ?? origin?.selector;
}

function marksOf(gate: KubeObject | undefined, { marked, isLetGo }: Memory) {
  if (gate === undefined || isLetGo) return { isHeld: false, record: undefined };
  const isBehind = marked !== undefined && isOlder(gate.metadata.resourceVersion, marked.version);
  if (isBehind) return { isHeld: true, record: marked.record };
  const annotation = gate.metadata.annotations?.[FRONT_RECORD_ANNOTATION];
  return { isHeld: isHeld(gate), record: parseRecord(annotation) };
}
