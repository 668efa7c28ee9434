import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpGate } from '../api/tcpgate.ts';
import type { Kube } from '../kube/client.ts';
import { isPodGone } from '../kube/holder.ts';
import { LeaderElector } from '../kube/leaderElector.ts';
import { type KubeObject, keyOf, namespaceOf, type ObjectMeta } from '../kube/objects.ts';
import { WorkQueue } from '../kube/workQueue.ts';
import { HealthServer } from '../observe/http.ts';
import type { Logger } from '../observe/log.ts';
import { Repeats } from '../observe/repeats.ts';
import { systemClock } from '../time/clock.ts';
import { Caches } from './caches.ts';
import { Children } from './children.ts';
import type { OperatorConfig } from './config.ts';
import { Contests } from './contests.ts';
import { Endpoints } from './endpoints.ts';
import {
  childRestored,
  type EventContent,
  eventsBetween,
  faultsGivenAnEnd,
  faultsShortened,
  leverChanged,
  leverNotEngaged,
  statusRestored,
} from './events.ts';
import { FailureLog } from './failureLog.ts';
import { Fronts } from './front/fronts.ts';
import { reachesUpstream, upstreamReached } from './front/proof.ts';
import { frontProblem } from './front/surroundings.ts';
import { GateEvents } from './gateEvents.ts';
import { GateRuns } from './gateRuns.ts';
import { keptChild } from './kept.ts';
import { Lever, type LeverChange } from './lever.ts';
import { Links } from './links.ts';
import type { OperatorMetrics } from './metrics.ts';
import { orphaningGate, orphansRemoval } from './ownership.ts';
import { PodRuntime } from './podRuntime.ts';
import { Reconciler } from './reconciler.ts';
import type { ChildKind } from './resources.ts';
import { Serving } from './serving.ts';
import { FOREIGN_STATUS_DELAY, StatusWriter } from './statusWriter.ts';

export interface OperatorOptions {
  readonly config: OperatorConfig;
  readonly kube: Kube;
  readonly metrics: OperatorMetrics;
  readonly log: Logger;
  /** Where its Lease is, and the name of its events' writer: its pod's, in a cluster. */
  readonly pod: { readonly name: string; readonly namespace: string };
  /** Who holds the Lease while this process leads, see holder.ts. */
  readonly identity: string;
  /** What the names of the cluster's Services end in, such as `cluster.local`. */
  readonly clusterDomain: string;
  /** The Lease is lost: another operator may be at work, so this process must end. */
  onLost(): void;
}

/** Gates worked on at once: each waits for the API server most of the time. */
const CONCURRENCY = 16;

/**
 * Of these, gates whose proxy does not answer yet. Each may have a request for each of its children on the way, and all
 * of them share the connections of the client: with more, a patch of another gate waits for one.
 */
const STARTING_CONCURRENCY = 4;

/** Milliseconds between reconciliations of every gate, for changes that no watch reports. */
const RESYNC_INTERVAL = 600_000;

/** Keeps every TcpGate as its spec says, from `start` to `stop`; while another one leads, it only watches. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #caches: Caches;
  readonly #links: Links;
  readonly #lever: Lever;
  readonly #endpoints: Endpoints;
  readonly #reconciler: Reconciler;
  readonly #queue: WorkQueue;
  readonly #events: GateEvents;
  readonly #elector: LeaderElector | undefined;
  readonly #health: HealthServer;
  readonly #stopping = new AbortController();
  readonly #failures: FailureLog;
  readonly #orphans = new Repeats();
  #isSynced = false;
  #isLeading = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log);
    const { config, kube, metrics, log, pod, clusterDomain } = options;
    this.#links = new Links({
      onChange: (key) => this.#enqueue(key),
      onReport: (key) => this.#report(key),
      onError: (gate, err) => log.debug({ gate, err }, 'Control connection failed'),
    });
    this.#lever = new Lever({
      kube,
      namespaces: config.namespaces,
      ownNamespace: pod.namespace,
      onChange: (change) => this.#leverChanged(change),
      onInvalid: (lever) => this.#recordLeverEvent(lever, leverNotEngaged()),
      onError: (error) => this.#failures.failed('Watch failed', error),
    });
    this.#updateLeverMetrics();
    this.#endpoints = new Endpoints({
      settleMilliseconds: config.gates.readyDelayMilliseconds,
      clock: systemClock,
      onChange: (key) => this.#report(key),
    });
    const name = `${pod.namespace}/${config.leaderElection.leaseName}`;
    const operator = { name, namespace: pod.namespace, labels: config.operator.podLabels };
    const keep = (kind: ChildKind, object: KubeObject) =>
      keptChild(kind, object, { proxy: config.proxy, operator });
    const children = new Children({
      kube,
      keep,
      cached: (kind, key) => this.#caches.child(kind, key),
      contests: new Contests(systemClock.monotonic),
      onRestored: (gate, about) => this.#recordEvents(named(gate), [childRestored(about)]),
    });
    this.#caches = new Caches({
      kube,
      namespaces: config.namespaces,
      front: config.services.front,
      keepChild: (kind, object) => {
        this.#warnOrphaned(object);
        return keep(kind, object);
      },
      onGate: (key) => this.#enqueue(key),
      onStatus: (key, gate) => {
        if (this.#isLeading && statuses.isForeign(key, gate)) {
          this.#queue.addAfter(key, FOREIGN_STATUS_DELAY);
        }
      },
      onChild: (kind, key) => children.forget(kind, key),
      onSlice: (...change) => this.#endpoints.changed(...change),
      onError: (error) => this.#failures.failed('Watch failed', error),
    });
    this.#events = new GateEvents({
      kube,
      instance: pod.name,
      onError: (error) => this.#failures.failed('Failed to write an Event', error),
    });
    const statuses = new StatusWriter({
      kube,
      cached: (key) => this.#caches.gate(key),
      onWritten: (gate, before, after) => this.#recordEvents(gate, eventsBetween(before, after)),
      onRestored: (gate, ...change) => this.#recordEvents(gate, [statusRestored(...change)]),
    });
    const runs = new GateRuns({
      clock: systemClock,
      limits: config.faults,
      onUpgraded: (gate, run) => this.#recordEvents(named(gate), [faultsGivenAnEnd(run)]),
      onShortened: (gate, run) => this.#recordEvents(named(gate), [faultsShortened(gate, run)]),
    });
    const fronts = config.services.front ? this.#fronts(children) : undefined;
    const runtime = new PodRuntime({
      fronts,
      proxy: config.proxy,
      operator,
      clusterDomain,
      pods: (key) => this.#caches.pods(key),
      children,
      links: this.#links,
      runs,
      isLevered: (namespace) => this.#lever.isEngaged(namespace),
      endpoints: this.#endpoints,
    });
    const gate = (key: string) => this.#caches.gate(key);
    this.#reconciler = new Reconciler({ gate, runtime, statuses });
    const serving = new Serving({
      operator: name,
      secret: (key) => children.latest('Secret', key),
      annotate: (secret, annotations) => children.annotate('Secret', secret, annotations),
      now: systemClock.monotonic,
      log,
    });
    const work = async (key: string): Promise<{ requeueAfterMs?: number }> => {
      const known = gate(key);
      const leaveFor = known === undefined ? serving.forget(key) : await serving.leaveFor(known);
      if (leaveFor === undefined) return this.#reconciler.reconcile(key);
      runtime.remove(key);
      statuses.forget(key);
      this.#reconciler.invalidate(key);
      return { requeueAfterMs: leaveFor };
    };
    this.#queue = new WorkQueue({
      work: (key) => metrics.reconciled(() => work(key)),
      concurrency: CONCURRENCY,
      notUrgentConcurrency: STARTING_CONCURRENCY,
      rank: (key) => ({
        group: namespaceOf(key),
        // A patch takes a message to its proxy, a new gate many writes.
        isUrgent: this.#links.key(key)?.isAnswered === true,
      }),
      metrics: metrics.queue,
      onError: (gate, error) => this.#failures.failed('Failed to reconcile TcpGate', error, gate),
    });
    this.#elector = config.leaderElection.enabled ? this.#election() : undefined;
    this.#health = new HealthServer({
      registry: metrics.registry,
      notReady: () => this.#notReady(),
    });
  }

  /** Rejects when the port for probes is not available. */
  async start(): Promise<void> {
    const { config, log } = this.#options;
    await this.#health.listen(config.http.port);
    this.#caches.start();
    this.#lever.start();
    void this.#synced.then(() => {
      this.#isSynced = true;
      log.info({ gates: this.#caches.gateKeys().length }, 'Filled caches');
    });
    if (this.#elector === undefined) void this.#lead();
    else this.#elector.start();
  }

  /** Ends what is at work in order, and lets a standby take over at once. */
  async stop(): Promise<void> {
    this.#isLeading = false;
    this.#stopping.abort();
    await this.#queue.stop();
    await this.#events.stop();
    await this.#elector?.stop();
    await this.#caches.stop();
    await this.#lever.stop();
    this.#links.close();
    this.#endpoints.stop();
    this.#health.close();
    await this.#options.kube.close();
    this.#failures.stop();
    this.#orphans.stop();
    this.#options.log.info('Operator stopped');
  }

  /** Ready means leading, or standing by for a process that leads: then every gate is served. */
  #notReady(): string | undefined {
    if (!this.#isSynced) return 'The caches are not synced yet';
    const elector = this.#elector;
    if (this.#isLeading || elector?.hasLeader) return;
    const holder = elector?.leader;
    return `No operator leads yet${holder ? `: ${holder} holds the Lease, but has not been seen renewing it` : ''}`;
  }

  #election(): LeaderElector {
    const { config, kube, metrics, pod, identity, onLost } = this.#options;
    const { leaseName, leaseSeconds, renewSeconds, retrySeconds } = config.leaderElection;
    metrics.leads(leaseName, false);
    return new LeaderElector({
      kube,
      namespace: pod.namespace,
      name: leaseName,
      identity,
      leaseSeconds,
      renewSeconds,
      retrySeconds,
      isGone: (holder, limit) => isPodGone(kube, pod.namespace, holder, limit),
      onStartedLeading: () => {
        metrics.leads(leaseName, true);
        void this.#lead();
      },
      onStoppedLeading: (why) => {
        metrics.leads(leaseName, false);
        this.#isLeading = false;
        if (why === 'lost') onLost();
      },
      onError: (error) => this.#failures.failed('Failed to update or read the Lease', error),
    });
  }

  #fronts(children: Children): Fronts {
    const { config, kube } = this.#options;
    const { namespaces, services: settings } = config;
    const links = (key: string) => [...this.#links.states(key).values()];
    return new Fronts({
      kube,
      gate: (key) => this.#caches.gate(key),
      origin: (key) => children.latest('Service', key),
      pods: (key) => this.#caches.pods(key),
      links,
      check: (gate, service) => frontProblem(gate, service, { kube, settings, namespaces }),
      prove: (key, ip, port) => reachesUpstream(ip, port, () => upstreamReached(links(key))),
      clock: systemClock,
    });
  }

  /** Before the lever is known, a gate could get faults that the lever suspends. */
  get #synced(): Promise<unknown> {
    return Promise.all([this.#caches.synced, this.#lever.synced]);
  }

  /** Proxies first: what is stored follows at the pace of the API server. */
  #leverChanged(change: LeverChange): void {
    this.#updateLeverMetrics();
    this.#recordLeverEvent(change.metadata, leverChanged(change, this.#isForAll(change.metadata)));
    const concerned = (key: string) => this.#lever.isFor(change.metadata, namespaceOf(key));
    for (const key of this.#links.identities.filter(concerned)) {
      this.#links.setLever(key, this.#lever.isEngaged(namespaceOf(key)));
    }
    for (const key of this.#caches.gateKeys().filter(concerned)) this.#enqueue(key);
  }

  #isForAll({ namespace }: ObjectMeta): boolean {
    return namespace === this.#options.pod.namespace;
  }

  #updateLeverMetrics(): void {
    const { metrics, pod } = this.#options;
    const namespaces = this.#lever.engaged.map(({ metadata }) => metadata.namespace ?? '');
    metrics.levered(namespaces, pod.namespace);
  }

  #recordLeverEvent(lever: ObjectMeta, event: EventContent): void {
    if (!this.#isLeading) return;
    const { reason, note } = event;
    this.#options.log.warn({ lever: keyOf(lever), reason, note }, 'Lever changed');
    this.#events.recordLeverEvent(lever, event);
  }

  async #lead(): Promise<void> {
    await this.#synced;
    if (this.#stopping.signal.aborted) return;
    this.#options.log.info('Operator leads');
    this.#isLeading = true;
    for (const lever of this.#lever.engaged) {
      this.#recordLeverEvent(lever.metadata, leverChanged(lever, this.#isForAll(lever.metadata)));
    }
    this.#enqueueAll();
    await this.#resync();
  }

  async #resync(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Spread out, so that operators that were started together do not ask together.
      const wait = RESYNC_INTERVAL * (0.9 + 0.2 * Math.random());
      await sleep(wait, undefined, { signal }).catch(() => {});
      this.#enqueueAll();
    }
  }

  /** Nothing else reports them, and their proxies keep their faults. */
  #warnOrphaned(object: KubeObject): void {
    const gate = orphaningGate(object);
    if (gate === undefined) return;
    this.#orphans.report('orphans', gate, ({ times, subjects }) =>
      this.#options.log.warn(
        { gates: subjects, objects: times, removal: orphansRemoval(gate) },
        'Found orphaned objects of TcpGates that were deleted with --cascade=orphan',
      ),
    );
  }

  #enqueueAll(): void {
    for (const key of this.#caches.gateKeys()) this.#enqueue(key);
  }

  #enqueue(key: string): void {
    if (!this.#isLeading) return;
    this.#reconciler.invalidate(key);
    this.#queue.add(key);
  }

  /** What the gate needs has not changed; only its status may have. */
  #report(key: string): void {
    if (this.#isLeading) this.#queue.add(key);
  }

  #recordEvents(gate: ObjectMeta, events: readonly EventContent[]): void {
    for (const { reason, note } of events) {
      this.#options.log.info({ gate: keyOf(gate), reason, note }, 'TcpGate changed');
    }
    this.#events.record(gate, events);
  }
}

/** What an Event says of a gate. */
function named({ metadata: { name, namespace, uid } }: TcpGate): ObjectMeta {
  return { name, namespace, uid };
}
