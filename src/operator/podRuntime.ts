import { randomBytes } from 'node:crypto';
import { servicePort } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import { type GateWithUpstream, hasUpstream, type TcpGate, tcpGate } from '../api/tcpgate.ts';
import { type LinkState, NOTHING_KNOWN } from '../control/link.ts';
import { KEY_BYTES } from '../control/psk.ts';
import { asError, isForbidden } from '../kube/errors.ts';
import { type KubeObject, keyOf } from '../kube/objects.ts';
import { type Children, type Ensured, NameTakenError, PredecessorError } from './children.ts';
import type { ProxyConfig } from './config.ts';
import { deploymentTrouble } from './deployments.ts';
import { CHILD_SUFFIX, childName } from './desired/common.ts';
import type { OperatorPods } from './desired/networkPolicy.ts';
import { desiredOriginService } from './desired/originService.ts';
import { desiredService } from './desired/service.ts';
import type { EndpointState, Endpoints } from './endpoints.ts';
import { FRONTING_DISABLED } from './front/check.ts';
import type { Fronts } from './front/fronts.ts';
import { isHeld } from './front/handover.ts';
import { ORIGIN_SUFFIX } from './front/names.ts';
import type { Front } from './front/rest.ts';
import type { GateRuns } from './gateRuns.ts';
import type {
  EnsureResult,
  GateRuntime,
  Problem,
  ProxyState,
  RuntimeState,
} from './gateRuntime.ts';
import type { Links } from './links.ts';
import { ownershipOf } from './ownership.ts';
import { ownServiceProblem } from './ownService.ts';
import { type Gathered, plan, type SecretObject } from './plan.ts';
import type { ProxyPod } from './pods.ts';
import { CHILDREN, type ChildKind } from './resources.ts';
import type { Fronted } from './snapshot.ts';
import { troubleOf } from './trouble.ts';

export interface PodRuntimeOptions {
  readonly proxy: ProxyConfig;
  readonly operator: OperatorPods;
  /** What the names of the cluster's Services end in, such as `cluster.local`. */
  readonly clusterDomain: string;
  readonly pods: (key: string) => readonly ProxyPod[];
  readonly children: Children;
  readonly links: Links;
  readonly runs: GateRuns;
  /** Whether the lever is engaged for the gates of that namespace. */
  readonly isLevered: (namespace: string) => boolean;
  readonly endpoints: Endpoints;
  /** undefined: no gate may be put in front of a Service. */
  readonly fronts: Fronts | undefined;
}

/** Runs each gate in a pod of its own: gather, plan, apply. */
export class PodRuntime implements GateRuntime {
  readonly #options: PodRuntimeOptions;

  constructor(options: PodRuntimeOptions) {
    this.#options = options;
  }

  async ensure(
    key: string,
    gate: TcpGate,
    status: TcpGateStatus | undefined,
  ): Promise<EnsureResult> {
    const { clusterDomain, children, fronts } = this.#options;
    if (!hasUpstream(gate)) {
      if (fronts === undefined) return nothingDone(FRONTING_DISABLED);
      return this.#front(key, gate, status, fronts);
    }
    const problem = ownServiceProblem(gate, clusterDomain);
    if (problem !== undefined) return refused(children, gate, problem);
    return applyChildren(children, gate, this.#run(key, gate, status));
  }

  async leave(
    key: string,
    raw: KubeObject,
    status: TcpGateStatus | undefined,
  ): Promise<EnsureResult | undefined> {
    const { fronts } = this.#options;
    if (fronts === undefined || !isHeld(raw)) return undefined;
    // First, since what comes next takes a while.
    const parsed = tcpGate.safeParse(raw);
    if (parsed.success) await this.#passAll(key, parsed.data, status);
    const front = await fronts.leave(key, raw);
    if (front === undefined) return undefined;
    const { problem, againMilliseconds } = front;
    return { ...nothingDone(problem), inFront: false, againMilliseconds };
  }

  async #front(
    key: string,
    gate: TcpGate,
    status: TcpGateStatus | undefined,
    fronts: Fronts,
  ): Promise<EnsureResult> {
    let front: Front;
    try {
      front = await fronts.advance(key, gate);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const problem = { terminal: false, reason: 'Forbidden', message: error.message };
      return { ...nothingDone(problem), inFront: false, error };
    }
    return this.#placed(key, gate, status, front);
  }

  /** Makes what a gate with `service` needs where it is. */
  async #placed(
    key: string,
    gate: TcpGate,
    status: TcpGateStatus | undefined,
    front: Front,
  ): Promise<EnsureResult> {
    const { children, fronts } = this.#options;
    const { at, problem, service, original, againMilliseconds } = front;
    const inFront = at === 'InFront';
    const result = { inFront, againMilliseconds };
    const isMade = inFront || at === 'Preparing';
    if (isMade && service !== undefined && original !== undefined) {
      const made = await applyChildren(children, gate, [
        desiredOriginService(gate, service, original),
      ]);
      if (made.problem !== undefined) return { ...made, ...result, reachable: inFront };
    }
    const placed = isMade ? fronts?.asMade(key, gate, inFront) : undefined;
    if (placed === undefined) {
      await this.#passAll(key, gate, status);
      return { ...nothingDone(problem), ...result };
    }
    const planned = this.#run(key, placed.gate, status, placed.fronted);
    const made = await applyChildren(children, gate, planned);
    return { ...made, ...result, reachable: inFront, problem: made.problem ?? problem };
  }

  /** Ends the faults of a gate with `service` that is not in front of it, as far as anything of it is there. */
  async #passAll(key: string, gate: TcpGate, status: TcpGateStatus | undefined): Promise<void> {
    const { children, fronts } = this.#options;
    const placed = fronts?.asMade(key, gate, false);
    // A child that is gone is not made again: the garbage collector may be at work.
    if (placed === undefined || children.latest('Secret', keyOfSecret(gate)) === undefined) return;
    const planned = this.#run(key, placed.gate, status, placed.fronted);
    const secrets = planned.filter(({ kind }) => kind === 'Secret');
    // The proxies know: a Secret that cannot be written keeps nothing from going on.
    await applyChildren(children, gate, secrets);
  }

  /** Tells the proxies what to run. The children that the gate must have. */
  #run(
    key: string,
    gate: GateWithUpstream,
    status: TcpGateStatus | undefined,
    fronted?: Fronted,
  ): readonly KubeObject[] {
    const { proxy, operator, links } = this.#options;
    const newKey = () => randomBytes(KEY_BYTES);
    const gathered = { ...this.#gather(key, gate, status), ...(fronted && { fronted }) };
    const planned = plan(gathered, { proxy, operator, newKey });
    // The proxies first: the fault is in force while the API server still writes.
    links.ensure(key, planned.targets, planned.key, planned.snapshot, gathered.run.endsAt);
    return planned.children;
  }

  observe(key: string, gate: TcpGate): RuntimeState {
    const { children, links, runs, pods, endpoints, fronts } = this.#options;
    const found = pods(key);
    const deployment = children.latest('Deployment', `${key}${CHILD_SUFFIX}`);
    return {
      address: hasUpstream(gate) ? ownAddress(gate) : fronts?.address(key, gate),
      run: runs.current(key),
      proxies: proxiesOf(found, links.states(key), endpoints.states(key)),
      trouble: troubleOf(found, deploymentTrouble(deployment)),
    };
  }

  /** The children go with their owner, by the garbage collector. */
  remove(key: string): void {
    const { links, runs, children, fronts } = this.#options;
    links.remove(key);
    runs.forget(key);
    fronts?.forget(key);
    children.remove('Service', `${key}${ORIGIN_SUFFIX}`);
    for (const kind of Object.keys(CHILDREN) as ChildKind[]) {
      children.remove(kind, kind === 'Service' ? key : `${key}${CHILD_SUFFIX}`);
    }
  }

  #gather(key: string, gate: GateWithUpstream, status: TcpGateStatus | undefined): Gathered {
    const { children, links, runs, pods, isLevered } = this.#options;
    const secret: SecretObject | undefined = children.latest(
      'Secret',
      `${gate.metadata.namespace}/${childName(gate)}`,
    );
    const isOwn = secret !== undefined && ownershipOf(secret, gate) === 'own';
    return {
      gate,
      status,
      run: runs.next(key, gate, {
        stored: isOwn ? secret.run : undefined,
        links: [...links.states(key).values()],
      }),
      isLevered: isLevered(gate.metadata.namespace),
      pods: pods(key),
      secret,
      keyInUse: links.key(key),
    };
  }
}

function ownAddress({ metadata, spec }: GateWithUpstream): string {
  return `${metadata.name}.${metadata.namespace}.svc:${servicePort(spec)}`;
}

function keyOfSecret(gate: TcpGate): string {
  return keyOf({ ...gate.metadata, name: childName(gate) });
}

function nothingDone(problem: Problem | undefined): EnsureResult {
  return { stored: false, reachable: false, problem, error: undefined };
}

/** What runs of the gate is left as it is. */
async function refused(
  children: Children,
  gate: GateWithUpstream,
  problem: Problem,
): Promise<EnsureResult> {
  try {
    const reachable = await children.isThere(gate, desiredService(gate));
    return { stored: false, reachable, problem, error: undefined };
  } catch (error) {
    // The Service may be the server's, and the gate be what has the wrong name.
    return { stored: false, reachable: false, ...judged([error], []) };
  }
}

/** What is known of each pod, by its uid. */
export function proxiesOf(
  pods: readonly ProxyPod[],
  links: ReadonlyMap<string, LinkState>,
  endpoints: ReadonlyMap<string, EndpointState>,
): ProxyState[] {
  return pods.map(({ uid, name, ready, running, terminating }) => ({
    ...{ name, ready, running, terminating },
    ...(links.get(uid) ?? NOTHING_KNOWN),
    endpoint: endpoints.get(uid),
  }));
}

async function applyChildren(
  children: Children,
  gate: TcpGate,
  desired: readonly KubeObject[],
): Promise<EnsureResult> {
  const results = await Promise.allSettled(desired.map((child) => children.ensure(gate, child)));
  const ensured = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const isDone = (wanted: ChildKind) =>
    desired.every(({ kind }, index) => {
      const result = results[index];
      return kind !== wanted || (result?.status === 'fulfilled' && result.value.isAsDesired);
    });
  return {
    stored: isDone('Secret'),
    reachable: isDone('Service'),
    ...judged(errors, ensured),
  };
}

function judged(
  errors: readonly unknown[],
  ensured: readonly Ensured[],
): Pick<EnsureResult, 'problem' | 'error'> {
  const taken = errors.find((error) => error instanceof NameTakenError);
  if (taken !== undefined) {
    const problem = { terminal: true, reason: 'NameTaken', message: taken.message };
    return { problem, error: undefined };
  }
  const [error] = errors;
  if (error !== undefined) {
    const reason = error instanceof PredecessorError ? 'PredecessorRemains' : 'ChildFailed';
    const { message } = asError(error);
    return { problem: { terminal: false, reason, message }, error };
  }
  const contests = ensured.flatMap(({ contest }) => contest ?? []);
  if (contests.length === 0) return { problem: undefined, error };
  const message = `${contests.join('; ')}. The operator restores it less and less often, until nobody has changed it for 5 minutes`;
  return { problem: { terminal: false, reason: 'ChildContested', message }, error };
}
