import { KubeApiError, KubeConnectionError } from '../../../../src/kube/errors.ts';
import type { LeaderElectorOptions } from '../../../../src/kube/leaderElector.ts';
import type { Lease } from '../../../../src/kube/lease.ts';
import type { Clock } from '../../../../src/time/clock.ts';

type Api = LeaderElectorOptions['kube'];

/** The part of the API server that an election needs: one Lease, with optimistic locking. */
export class LeaseApi {
  lease: Lease | undefined;
  readonly log: string[] = [];
  #version = 0;

  store(spec: Lease['spec']): void {
    this.#version += 1;
    this.lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'test', name: 'lease', resourceVersion: String(this.#version) },
      ...(spec === undefined ? {} : { spec }),
    };
  }

  get holder(): string | undefined {
    return this.lease?.spec?.holderIdentity;
  }

  read(): Lease {
    if (this.lease === undefined) throw refusal(404, 'NotFound');
    return this.lease;
  }

  create({ spec }: Lease): Lease {
    if (this.lease !== undefined) throw refusal(409, 'AlreadyExists');
    this.store(spec);
    return this.read();
  }

  replace({ metadata, spec }: Lease): Lease {
    const { resourceVersion } = this.read().metadata;
    if (metadata.resourceVersion !== resourceVersion) throw refusal(409, 'Conflict');
    this.store(spec);
    return this.read();
  }
}

export function refusal(status: number, reason: string): KubeApiError {
  return new KubeApiError({ status, reason, message: reason, request: 'test' });
}

/** How the requests of one client fare: writes that are `lost` are carried out, but no answer comes; `cut` is all. */
export type Network = 'up' | 'down' | 'lost' | 'cut';

/** One client's way to the API, which the test can break. */
export class LeaseClient {
  network: Network = 'up';
  readonly #api: LeaseApi;
  readonly #clock: Clock;

  constructor(api: LeaseApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  get kube(): Api {
    const api = this.#api;
    // Generic over the resource, of which there is one here.
    return {
      get: (_resource: unknown, _ref: unknown, options: Options) =>
        this.#send('get', options, () => api.read()),
      create: (_resource: unknown, object: Lease, options: Options) =>
        this.#send('create', options, () => api.create(object)),
      replace: (_resource: unknown, object: Lease, options: Options) =>
        this.#send('replace', options, () => api.replace(object)),
    } as unknown as Api;
  }

  async #send(verb: string, options: Options, carryOut: () => Lease): Promise<Lease> {
    this.#api.log.push(verb);
    if (this.network === 'down') throw new KubeConnectionError('ECONNREFUSED', verb);
    if (this.network === 'cut') return this.#noAnswer(verb, options);
    const lease = structuredClone(carryOut());
    const isLost = this.network === 'lost' && verb !== 'get';
    return isLost ? this.#noAnswer(verb, options) : lease;
  }

  #noAnswer(verb: string, { timeoutMilliseconds = 10_000 }: Options): Promise<Lease> {
    return new Promise((_, reject) => {
      const error = new KubeConnectionError('No answer', verb);
      this.#clock.after(timeoutMilliseconds, () => reject(error));
    });
  }
}

interface Options {
  readonly timeoutMilliseconds?: number;
}
