import { randomBytes } from 'node:crypto';
import { servicePort } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import { type GateWithUpstream, hasUpstream, type TcpGate } from '../api/tcpgate.ts';
import { type LinkState, NOTHING_KNOWN } from '../control/link.ts';
import { KEY_BYTES } from '../control/psk.ts';
import { asError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type Children, type Ensured, NameTakenError, PredecessorError } from './children.ts';
import type { ProxyConfig } from './config.ts';
import { deploymentTrouble } from './deployments.ts';
import { CHILD_SUFFIX, childName } from './desired/common.ts';
import type { OperatorPods } from './desired/networkPolicy.ts';
import { desiredService } from './desired/service.ts';
import type { EndpointState, Endpoints } from './endpoints.ts';
import { FRONTING_DISABLED } from './front/check.ts';
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
    const { proxy, operator, clusterDomain, children, links } = this.#options;
    if (!hasUpstream(gate)) {
      return { stored: false, reachable: false, problem: FRONTING_DISABLED, error: undefined };
    }
    const problem = ownServiceProblem(gate, clusterDomain);
    if (problem !== undefined) return refused(children, gate, problem);
    const newKey = () => randomBytes(KEY_BYTES);
    const gathered = this.#gather(key, gate, status);
    const planned = plan(gathered, { proxy, operator, newKey });
    // The proxies first: the fault is in force while the API server still writes.
    links.ensure(key, planned.targets, planned.key, planned.snapshot, gathered.run.endsAt);
    return applyChildren(children, gate, planned.children);
  }

  observe(key: string, gate: TcpGate): RuntimeState {
    const { children, links, runs, pods, endpoints } = this.#options;
    const found = pods(key);
    const deployment = children.latest('Deployment', `${key}${CHILD_SUFFIX}`);
    return {
      address: hasUpstream(gate) ? addressOf(gate) : undefined,
      run: runs.current(key),
      proxies: proxiesOf(found, links.states(key), endpoints.states(key)),
      trouble: troubleOf(found, deploymentTrouble(deployment)),
    };
  }

  /** The children go with their owner, by the garbage collector. */
  remove(key: string): void {
    const { links, runs, children } = this.#options;
    links.remove(key);
    runs.forget(key);
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

function addressOf({ metadata, spec }: GateWithUpstream): string {
  return `${metadata.name}.${metadata.namespace}.svc:${servicePort(spec)}`;
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
  const message = `${contests.join('; ')}. It is put back less and less often, until it is left alone for 5 minutes`;
  return { problem: { terminal: false, reason: 'ChildContested', message }, error };
}
