import { randomBytes } from 'node:crypto';
import { servicePort } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import { KEY_BYTES } from '../control/psk.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type Children, NameTakenError, PredecessorError } from './children.ts';
import type { ProxyConfig } from './config.ts';
import { childName } from './desired/common.ts';
import type { OperatorPods } from './desired/networkPolicy.ts';
import type { Host, Hosted, Outcome } from './host.ts';
import type { Links } from './links.ts';
import type { ProxyPod } from './observed.ts';
import { type Gathered, plan } from './plan.ts';

export interface PodHostOptions {
  readonly proxy: ProxyConfig;
  readonly operator: OperatorPods;
  readonly pods: (key: string) => readonly ProxyPod[];
  readonly children: Children;
  readonly links: Links;
}

/** Runs each gate in a pod of its own: gather, plan, apply. */
export class PodHost implements Host {
  readonly #options: PodHostOptions;

  constructor(options: PodHostOptions) {
    this.#options = options;
  }

  async ensure(key: string, gate: TcpGate, status: TcpGateStatus | undefined): Promise<Outcome> {
    const { proxy, operator, children, links } = this.#options;
    const newKey = () => randomBytes(KEY_BYTES);
    const planned = plan(this.#gather(key, gate, status), { proxy, operator, newKey });
    // The proxies first: the fault is in force while the API server still writes.
    links.ensure(key, planned.targets, planned.key, planned.snapshot);
    return applyChildren(children, gate, planned.children);
  }

  observe(key: string, { metadata, spec }: TcpGate): Hosted {
    return {
      address: `${metadata.name}.${metadata.namespace}.svc:${servicePort(spec)}`,
      pods: this.#options.pods(key),
      links: this.#options.links.states(key),
    };
  }

  /** The children go with their owner, by the garbage collector. */
  remove(key: string): void {
    this.#options.links.remove(key);
  }

  #gather(key: string, gate: TcpGate, status: TcpGateStatus | undefined): Gathered {
    const { children, links, pods } = this.#options;
    return {
      gate,
      status,
      pods: pods(key),
      secret: children.latest('Secret', `${gate.metadata.namespace}/${childName(gate)}`),
      keyInUse: links.key(key),
    };
  }
}

async function applyChildren(
  children: Children,
  gate: TcpGate,
  desired: readonly KubeObject[],
): Promise<Outcome> {
  const results = await Promise.allSettled(desired.map((child) => children.ensure(gate, child)));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const stored = desired.every(
    ({ kind }, index) => kind !== 'Secret' || results[index]?.status === 'fulfilled',
  );
  const taken = errors.find((error) => error instanceof NameTakenError);
  if (taken !== undefined) {
    return {
      stored,
      obstacle: { lasting: true, reason: 'NameTaken', message: taken.message },
      error: undefined,
    };
  }
  const [error] = errors;
  if (error === undefined) return { stored, obstacle: undefined, error };
  const reason = error instanceof PredecessorError ? 'PredecessorRemains' : 'ChildFailed';
  const message = error instanceof Error ? error.message : String(error);
  return { stored, obstacle: { lasting: false, reason, message }, error };
}
