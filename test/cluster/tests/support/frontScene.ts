import { expect } from 'vitest';
import { API_VERSION, KIND } from '../../../../src/api/names.ts';
import type { TcpGateStatus } from '../../../../src/api/status.ts';
import { Kube } from '../../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../../src/kube/config.ts';
import { isNotFound } from '../../../../src/kube/errors.ts';
import type { KubeObject } from '../../../../src/kube/objects.ts';
import { Reflector } from '../../../../src/kube/reflector.ts';
import type { Resource } from '../../../../src/kube/resource.ts';
import { leadsTo, type SelectingService } from '../../../../src/operator/front/handover.ts';
import { CHILDREN, PODS, TCP_GATES } from '../../../../src/operator/resources.ts';
import { eventually } from './eventually.ts';
import { MortalOperator } from './mortalOperator.ts';
import { Namespace } from './namespace.ts';
import { StandIns } from './standIns.ts';

export const SERVICES = CHILDREN.Service as Resource<SelectingService>;
export const SELECTOR = { app: 'db', tier: 'data' };
export const GATE = 'db-chaos';

export type Gate = KubeObject & { readonly status?: TcpGateStatus };

/**
 * A namespace with the Service `db` and a pod behind it, where operators of this process put gates in front of it, and
 * stand-ins run their pods.
 */
export class FrontScene {
  readonly kube: Kube;
  readonly namespace: Namespace;
  readonly standIns: StandIns;
  /** What is wrong with a version of a Service that anybody could see. */
  readonly wrong: string[] = [];
  readonly #services: Reflector<SelectingService>;
  readonly #operators: MortalOperator[] = [];

  static async create(): Promise<FrontScene> {
    const { config } = await loadKubeConfig();
    const kube = new Kube(config, { userAgent: 'chaosgate-test' });
    const scene = new FrontScene(kube, await Namespace.create('front-crash'));
    scene.#services.start();
    await scene.#services.synced;
    await scene.startServer();
    await scene.createService();
    return scene;
  }

  private constructor(kube: Kube, namespace: Namespace) {
    this.kube = kube;
    this.namespace = namespace;
    this.standIns = new StandIns(kube, namespace.name);
    this.#services = new Reflector({
      kube,
      resource: SERVICES,
      namespace: namespace.name,
      keep: (service) => service,
      onChange: (_, service) => service !== undefined && this.#look(service),
      onError: () => {},
    });
  }

  async stop(): Promise<void> {
    await this.stopOperators();
    // What a test that failed has left.
    const { items } = await this.kube.list(TCP_GATES, { namespace: this.namespace.name });
    for (const { metadata } of items) {
      await this.kube.mergePatch(TCP_GATES, metadata, { metadata: { finalizers: null } });
    }
    await this.#services.stop();
    await this.standIns.stop();
    await this.namespace.tryKubectl('delete', 'namespace', this.namespace.name, '--wait=false');
    await this.kube.close();
  }

  async stopOperators(): Promise<void> {
    for (const operator of this.#operators.splice(0)) await operator.stop();
  }

  /** A pod behind the Service. */
  async startServer(): Promise<void> {
    await this.kube.create(PODS, this.#serverPod());
  }

  readGate(name = GATE): Promise<Gate> {
    return this.kube.get<Gate>(TCP_GATES, { name, namespace: this.namespace.name });
  }

  readService(): Promise<SelectingService> {
    return this.kube.get(SERVICES, { name: 'db', namespace: this.namespace.name });
  }

  patchService(patch: object): Promise<string> {
    return this.namespace.kubectl(
      'patch',
      'service',
      'db',
      '--type=merge',
      '-p',
      JSON.stringify(patch),
    );
  }

  async createService(ports: readonly object[] = [{ port: 5_432 }]): Promise<void> {
    await this.namespace.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'db' },
      spec: { selector: SELECTOR, ports },
    });
  }

  createGate(name = GATE, spec: object = {}): Promise<KubeObject> {
    return this.kube.create(TCP_GATES, {
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: { name, namespace: this.namespace.name },
      spec: { service: { name: 'db', drainSeconds: 5 }, ...spec },
    } as KubeObject);
  }

  async operator(lives?: number): Promise<MortalOperator> {
    const started = await MortalOperator.start(this.namespace.name, lives);
    this.#operators.push(started);
    return started;
  }

  async condition(type: string, name = GATE) {
    const { status } = await this.readGate(name);
    return status?.conditions?.find((one) => one.type === type);
  }

  async becomes(type: string, status: string, reason?: string, name = GATE): Promise<void> {
    await eventually(async () => {
      const found = await this.condition(type, name);
      expect(found).toMatchObject({ status, ...(reason === undefined ? {} : { reason }) });
    });
  }

  /** The Service leads to the gate, which says so, and whose proxies run its faults. */
  async isInFront(name = GATE): Promise<void> {
    await this.becomes('InFront', 'True', undefined, name);
    const { uid = '' } = (await this.readGate(name)).metadata;
    expect(leadsTo(await this.readService(), uid)).toBe(true);
    await eventually(() => {
      const snapshots = this.standIns.snapshots(name);
      expect(snapshots.length).toBeGreaterThan(0);
      for (const snapshot of snapshots) expect(snapshot?.stop).toBeUndefined();
    });
  }

  async isGone(name = GATE): Promise<void> {
    await eventually(async () => expect(await this.#isThere(name)).toBe(false));
  }

  // `expect(...).rejects` counts for whichever of the tests at the same time it takes for the current one.
  async #isThere(name: string): Promise<boolean> {
    try {
      await this.readGate(name);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Nothing tells that there was a gate, but for the version. */
  async isAsItWas(...others: readonly string[]): Promise<void> {
    const { metadata, spec } = await this.readService();
    expect(spec?.selector).toEqual(SELECTOR);
    expect(metadata.labels).toBeUndefined();
    expect(Object.keys(metadata.annotations ?? {})).toEqual([
      'kubectl.kubernetes.io/last-applied-configuration',
    ]);
    const owners = metadata.managedFields?.map(({ manager }) => manager);
    expect(owners).toEqual(['kubectl-client-side-apply', ...others]);
    expect(JSON.stringify(metadata.managedFields)).toContain('"f:selector"');
  }

  /** Garbage collection has taken all that the gate owned. */
  async isClean(name = GATE): Promise<void> {
    await eventually(async () => {
      for (const kind of ['service', 'secret', 'deployment', 'networkpolicy']) {
        expect(await this.namespace.list(kind, `chaosgate.dev/gate=${name}`)).toEqual([]);
      }
    });
  }

  async deleteGate(name = GATE): Promise<void> {
    await this.kube.delete(TCP_GATES, { name, namespace: this.namespace.name });
  }

  async removed(name = GATE, ...others: readonly string[]): Promise<void> {
    await this.isGone(name);
    await this.isAsItWas(...others);
    await this.isClean(name);
  }

  /** The Service leads to its servers, or to a gate whose pods are there. */
  #look(service: SelectingService): void {
    const values = Object.values(service.spec?.selector ?? {});
    if (service.metadata.name !== 'db' || values.join() === Object.values(SELECTOR).join()) return;
    const isGates =
      values.length === 2 && values.every((value) => /^chaosgate-[0-9a-f]{10}$/.test(value));
    if (!isGates) this.wrong.push(JSON.stringify(service.spec?.selector));
    else if (this.standIns.snapshots(GATE).length === 0)
      this.wrong.push('It leads to a gate without pods');
  }

  #serverPod(): KubeObject {
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db-0', namespace: this.namespace.name, labels: SELECTOR },
      spec: {
        schedulerName: 'nobody',
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'server',
            image: 'none',
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    } as KubeObject;
  }
}
