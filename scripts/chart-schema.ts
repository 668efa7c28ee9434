import { LOG_LEVELS } from '../src/observe/log.ts';

/** The part of JSON Schema that is used here. */
export interface Schema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  [keyword: string]: unknown;
}

const text: Schema = { type: 'string' };
const texts: Schema = { items: text };
const objects: Schema = { items: { type: 'object' } };
const map: Schema = { additionalProperties: text };
const count: Schema = { minimum: 1 };
const port: Schema = { minimum: 1, maximum: 65_535 };
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** What the default of a value does not tell about it, by its path. */
const KNOWN: Record<string, Schema> = {
  commonLabels: map,
  'image.digest': { pattern: '^(sha256:[0-9a-f]{64})?$' },
  'image.pullPolicy': { enum: pullPolicies },
  imagePullSecrets: {
    items: {
      type: 'object',
      properties: { name: text },
      required: ['name'],
      additionalProperties: false,
    },
  },
  namespaces: { ...texts, uniqueItems: true },
  replicaCount: { minimum: 0 },
  'leaderElection.leaseSeconds': count,
  'leaderElection.renewSeconds': count,
  'leaderElection.retrySeconds': count,
  'log.level': { enum: [...LOG_LEVELS] },
  nodeSelector: map,
  tolerations: objects,
  topologySpreadConstraints: objects,
  podAnnotations: map,
  podLabels: map,
  terminationGracePeriodSeconds: { minimum: 0 },
  'podDisruptionBudget.maxUnavailable': { type: ['integer', 'string'] },
  extraArgs: texts,
  extraEnv: objects,
  extraVolumes: objects,
  extraVolumeMounts: objects,
  'serviceAccount.annotations': map,
  'networkPolicy.apiServerPort': port,
  'metrics.service.port': port,
  'metrics.service.annotations': map,
  'metrics.serviceMonitor.labels': map,
  'metrics.serviceMonitor.relabelings': objects,
  'metrics.serviceMonitor.metricRelabelings': objects,
  'proxy.image.digest': { pattern: '^(sha256:[0-9a-f]{64})?$' },
  'proxy.imagePullPolicy': { enum: ['', ...pullPolicies] },
  'proxy.nodeSelector': map,
  'proxy.tolerations': objects,
  'proxy.podLabels': map,
  'proxy.podAnnotations': map,
  'proxy.buffers.connectionBytes': { minimum: 65_536 },
  'proxy.buffers.processBytes': { minimum: 65_536 },
  extraObjects: { items: { type: ['object', 'string'] } },
};

/**
 * Paths and descriptions of the objects that Kubernetes judges, not the chart: those with an `@extra` comment
 * in values.yaml.
 */
export function handedOn(values: string): ReadonlyMap<string, string> {
  const comments = values.matchAll(/^\s*## @extra (\S+) (.*)$/gm);
  return new Map([...comments].map(([, path = '', description = '']) => [path, description]));
}

/**
 * The generator's schema, which lets every key pass, made strict: a typing error must not pass for a setting.
 * Throws when a value is spoken of that is not there.
 */
export function strictSchema(schema: Schema, open: ReadonlyMap<string, string>): Schema {
  const unknown = new Set(Object.keys(KNOWN));
  const visit = (node: Schema, path: string): Schema => {
    unknown.delete(path);
    const description = open.get(path);
    if (description !== undefined) return { type: 'object', description };
    if (node.properties === undefined) return { ...node, ...integer(node), ...KNOWN[path] };
    const properties = Object.fromEntries(
      Object.entries(node.properties).map(([key, child]) => [
        key,
        visit(child, path === '' ? key : `${path}.${key}`),
      ]),
    );
    return { ...node, properties, additionalProperties: false };
  };
  const strict = visit(schema, '');
  if (unknown.size > 0) throw new Error(`No such values: ${[...unknown].join(', ')}`);
  // Helm hands the values of this name to every chart of a release.
  const properties = { ...strict.properties, global: { type: 'object' } };
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...strict, properties };
}

function integer({ type }: Schema): Schema {
  return type === 'number' ? { type: 'integer' } : {};
}
