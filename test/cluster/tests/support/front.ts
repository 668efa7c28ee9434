/** Gates in front of Services, as a user puts them there and takes them away. */
import { gate } from './manifests.ts';
import type { Namespace } from './namespace.ts';

export const GATE_LABEL = 'chaosgate.dev/gate';

export interface LiveService {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly fieldsV1: { readonly 'f:spec'?: { readonly 'f:selector'?: object } };
    }[];
  };
  readonly spec: {
    readonly clusterIP: string;
    readonly selector: Readonly<Record<string, string>>;
  };
}

export function getService(namespace: Namespace, name: string): Promise<LiveService> {
  return namespace
    .kubectl('get', 'service', name, '-o', 'json', '--show-managed-fields')
    .then((text) => JSON.parse(text) as LiveService);
}

/** Field managers of the selector, as `manager/operation`. */
export function selectorManagers({ metadata }: LiveService): string[] {
  return metadata.managedFields
    .filter(({ fieldsV1 }) => fieldsV1['f:spec']?.['f:selector'] !== undefined)
    .map(({ manager, operation }) => `${manager}/${operation}`);
}

/** What a gate, or a name of the operator's, left on the Service. */
export function marks({ metadata }: LiveService): string[] {
  const { labels = {}, annotations = {} } = metadata;
  const names = [...Object.keys(labels), ...Object.keys(annotations)];
  return names.filter((name) => name.startsWith('chaosgate.dev/'));
}

/** A gate in front of the Service of that name. */
export function front(name: string, service: string, more: object = {}, spec: object = {}) {
  return gate(name, { service: { name: service, drainSeconds: 1, ...more }, ...spec });
}

/** `kubectl apply` of the gate, until it is in front; milliseconds. */
export async function putInFront(namespace: Namespace, manifest: object): Promise<number> {
  const { name } = (manifest as { metadata: { name: string } }).metadata;
  const start = performance.now();
  await namespace.apply(manifest);
  await namespace.wait(name, 'InFront', 60);
  return performance.now() - start;
}

/** `kubectl delete` of the gate, until the Service has this value of its selector; milliseconds. */
export async function takeAway(
  namespace: Namespace,
  gate: string,
  service: string,
  [key, value]: readonly [string, string],
): Promise<number> {
  const back = namespace.kubectl(
    ...['wait', `service/${service}`, `--for=jsonpath={.spec.selector.${key}}=${value}`],
    '--timeout=30s',
  );
  const start = performance.now();
  await namespace.kubectl('delete', 'tg', gate, '--wait=false');
  await back;
  return performance.now() - start;
}

/** Waits until the gate and all that was its own are gone. */
export async function untilGone(namespace: Namespace, gate: string): Promise<void> {
  await namespace.kubectl('wait', `tg/${gate}`, '--for=delete', '--timeout=60s');
  await namespace.kubectl(
    ...['wait', 'deployment,secret,service,networkpolicy,pod'],
    ...['-l', `${GATE_LABEL}=${gate}`, '--for=delete', '--timeout=60s'],
  );
}
