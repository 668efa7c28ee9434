import { type KubeObject, keyOf, type ObjectMeta } from '../kube/objects.ts';
import type { Logger } from '../observe/log.ts';
import { CLAIM_ANNOTATION, OPERATOR_ANNOTATION } from './annotations.ts';
import { CHILD_SUFFIX } from './desired/common.ts';

/** Milliseconds in which one that is alive answers: longer than the Lease of a leader that ended without a word. */
const PATIENCE = 30_000;

/** Milliseconds more before another gate asks: the one that did may be gone. */
const GRACE = 5_000;

/** Milliseconds for which an answer holds, and for which the lack of one does. */
const ANSWER_HOLDS = 120_000;
const SILENCE_HOLDS = 60_000;

/** Milliseconds that another operator, which answers in that namespace, has to take a new gate. */
const NEW_GATE_PATIENCE = 10_000;

/** Characters of an operator's name in the log: two names of Kubernetes objects are shorter. */
const NAME_LIMIT = 512;

/** What is known of another operator in one namespace. */
interface Other {
  readonly state: 'asked' | 'answered' | 'silent';
  /** Monotonic milliseconds: until when that holds. */
  readonly until: number;
  /** The gate whose Secret carries the question. */
  readonly gate: string;
}

export interface ServingOptions {
  /** Names this operator, and every process of it: namespace and name of its Lease. */
  readonly operator: string;
  /** The object that has the name of a gate's Secret, no matter who owns it. */
  readonly secret: (key: string) => KubeObject | undefined;
  readonly annotate: (
    secret: ObjectMeta,
    annotations: Record<string, string | null>,
  ) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Leaves each gate to the operator that served it first, whose name is on the gate's Secret. Nobody may read another
 * operator's Lease, so one is asked through the Secret of one gate of each namespace: who is alive takes the question
 * off, and the gates of one who does not are taken over.
 */
export class Serving {
  readonly #options: ServingOptions;
  readonly #others = new Map<string, Other>();
  /** New gates that another operator may be about to take, and until when to wait for that. */
  readonly #newGates = new Map<string, number>();

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  /** How many milliseconds to leave the gate alone; undefined when it is this operator's. */
  async leaveFor({ metadata }: KubeObject): Promise<number | undefined> {
    const { operator, secret, annotate } = this.#options;
    const gate = keyOf(metadata);
    const found = secret(`${gate}${CHILD_SUFFIX}`)?.metadata;
    const isOwn = found?.ownerReferences?.some(({ uid }) => uid === metadata.uid);
    const { [OPERATOR_ANNOTATION]: serves, [CLAIM_ANNOTATION]: claim } =
      (isOwn === true ? found?.annotations : undefined) ?? {};
    if (found === undefined || serves === undefined) return this.#leaveNew(metadata);
    this.forget(gate);
    if (serves !== operator) return this.#leaveTo(serves, gate, found, claim);
    if (claim !== undefined) await annotate(found, { [CLAIM_ANNOTATION]: null });
    return undefined;
  }

  /** The gate is gone. */
  forget(gate: string): void {
    this.#newGates.delete(gate);
  }

  /** A gate without a Secret: the first operator takes it, unless the namespace is known to be another operator's. */
  #leaveNew({ namespace, name }: ObjectMeta): number | undefined {
    const gate = keyOf({ namespace, name });
    const now = this.#options.now();
    const isOthers = [...this.#others].some(
      ([id, { state, until }]) =>
        id.startsWith(`${namespace} `) && state === 'answered' && now < until,
    );
    const until = this.#newGates.get(gate) ?? now + NEW_GATE_PATIENCE;
    if (isOthers) this.#newGates.set(gate, until);
    return isOthers && now < until ? until - now : undefined;
  }

  async #leaveTo(
    serves: string,
    gate: string,
    secret: ObjectMeta,
    claim: string | undefined,
  ): Promise<number | undefined> {
    const now = this.#options.now();
    const id = `${secret.namespace} ${serves}`;
    const other = this.#others.get(id);
    if (other?.state === 'asked' && other.gate === gate) {
      if (claim !== this.#options.operator) return this.#answered(id, gate);
      return now >= other.until ? this.#silent(id, gate) : other.until - now;
    }
    // Of the gates that look again at the same time, the one that carries the question has to tell.
    const until = (other?.until ?? now) + (other?.state === 'asked' ? GRACE : 0);
    if (other === undefined || now >= until) return this.#ask(id, gate, secret);
    return other.state === 'silent' ? undefined : until - now;
  }

  async #ask(id: string, gate: string, secret: ObjectMeta): Promise<number> {
    const { operator, annotate, now } = this.#options;
    for (const [known, { until }] of this.#others) if (now() >= until) this.#others.delete(known);
    this.#others.set(id, { state: 'asked', until: now() + PATIENCE, gate });
    await annotate(secret, { [CLAIM_ANNOTATION]: operator });
    return PATIENCE;
  }

  #answered(id: string, gate: string): number {
    const { log, now } = this.#options;
    this.#others.set(id, { state: 'answered', until: now() + ANSWER_HOLDS, gate });
    log.warn(
      named(id),
      'Another operator serves this namespace, so this one does not touch its gates. Give each operator its own namespaces',
    );
    return ANSWER_HOLDS;
  }

  #silent(id: string, gate: string): undefined {
    const { log, now } = this.#options;
    this.#others.set(id, { state: 'silent', until: now() + SILENCE_HOLDS, gate });
    log.info(named(id), 'The operator that served this namespace is gone: taking over its gates');
  }
}

function named(id: string) {
  const [namespace = '', operator = ''] = id.split(' ', 2);
  return { namespace, otherOperator: operator.slice(0, NAME_LIMIT) };
}
