import { freePort } from '../../../../bench/processes.ts';
import { Kube } from '../../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../../src/kube/config.ts';
import { KubeConnectionError } from '../../../../src/kube/errors.ts';
import { createLog } from '../../../../src/observe/log.ts';
import { operatorConfig } from '../../../../src/operator/config.ts';
import { OperatorMetrics } from '../../../../src/operator/metrics.ts';
import { Operator } from '../../../../src/operator/operator.ts';

/** No node has it: the pods of gates stay where they are, for stand-ins to run them. */
const NOWHERE = { 'chaosgate.dev/test': 'nowhere' };

const EVENTS = 'events';

/** An operator in this process, which may die after any of its writes. */
export class MortalOperator {
  readonly #operator: Operator;
  readonly #death = Promise.withResolvers<void>();
  /** Writes so far, but for those of statuses and Events, with what was written. */
  readonly writes: string[] = [];
  #stopped: Promise<void> | undefined;

  /**
   * @param lives writes after which it dies. The last one is done, and it never hears of that.
   */
  static async start(namespace: string, lives = Number.POSITIVE_INFINITY): Promise<MortalOperator> {
    const { config: kubeConfig } = await loadKubeConfig();
    const kube = new Kube(kubeConfig, { userAgent: 'chaosgate-operator' });
    const port = await freePort();
    return new MortalOperator(kube, namespace, port, lives);
  }

  private constructor(kube: Kube, namespace: string, port: number, lives: number) {
    const config = operatorConfig.parse({
      namespaces: [namespace],
      leaderElection: { enabled: false },
      http: { port },
      log: { level: 'error' },
      proxy: { image: 'none', nodeSelector: NOWHERE },
    });
    this.#operator = new Operator({
      config,
      kube: this.#mortal(kube, lives),
      metrics: new OperatorMetrics(),
      log: createLog(config.log.level, { component: 'operator' }),
      pod: { name: 'mortal', namespace },
      identity: 'mortal',
      clusterDomain: 'cluster.local',
      onLost: () => {},
    });
    void this.#operator.start();
  }

  /** Resolves when it has died. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  get isDead(): boolean {
    return this.#stopped !== undefined;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#operator.stop();
    return this.#stopped;
  }

  #mortal(kube: Kube, lives: number): Kube {
    const writers = new Set(['create', 'apply', 'jsonPatch', 'mergePatch', 'replace']);
    return new Proxy(kube, {
      get: (target, name) => {
        const method = target[name as keyof Kube];
        if (typeof method !== 'function') return method;
        const call = method.bind(target) as (...args: unknown[]) => unknown;
        if (name === 'watch' || name === 'close') return call;
        return async (...args: unknown[]) => {
          this.#breathe(lives);
          const answer = await call(...args);
          const { plural } = args[0] as { readonly plural: string };
          if (!writers.has(String(name)) || plural === EVENTS) return answer;
          this.#breathe(lives);
          this.writes.push(`${String(name)} ${plural}`);
          if (this.writes.length >= lives) this.#die();
          this.#breathe(lives);
          return answer;
        };
      },
    });
  }

  #breathe(lives: number): void {
    if (this.writes.length >= lives) throw new KubeConnectionError('The operator is dead', '');
  }

  #die(): void {
    this.#stopped ??= this.#operator.stop();
    this.#death.resolve();
  }
}
