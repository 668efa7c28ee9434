import { z } from 'zod';
import { MAX_DURATION_SECONDS } from '../src/api/spec.ts';
import { operatorConfig } from '../src/operator/config.ts';
import { annotations, labels, networkPolicyPeer, objectName } from '../src/operator/podSettings.ts';

/** The part of JSON Schema that is used here. */
export interface Schema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  propertyNames?: Schema & { pattern?: string };
  [keyword: string]: unknown;
}

const text: Schema = { type: 'string' };
const texts: Schema = { items: text };
const objects: Schema = { items: { type: 'object' } };
const port: Schema = { minimum: 1, maximum: 65_535 };
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const digest: Schema = { pattern: '^(sha256:[0-9a-f]{64})?$' };
const tag: Schema = { pattern: '^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$' };
const registry: Schema = { pattern: '^([A-Za-z0-9[][A-Za-z0-9.:/_\\]-]*)?$' };
const repository = '([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*';
const name: Schema = { pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' };

const labelKey: Schema = {
  pattern:
    '^(([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$',
};
/** In lower case, its last label not a number: no address ends in one. */
const domain: Schema = {
  pattern: '^([a-z0-9_]([-a-z0-9_]*[a-z0-9_])?\\.)*[a-z]([-a-z0-9]*[a-z0-9])?$',
};

const operatorSchema = jsonSchema(operatorConfig);
const labelsSchema = jsonSchema(labels);
const annotationsSchema = jsonSchema(annotations);

/** What the default of a value does not tell about it, by its path, beside what the operator's configuration says. */
const KNOWN: Record<string, Schema> = {
  nameOverride: name,
  fullnameOverride: name,
  commonLabels: labelsSchema,
  'image.registry': registry,
  'image.repository': { pattern: `^${repository}$` },
  'image.tag': tag,
  'image.digest': digest,
  'image.pullPolicy': { enum: pullPolicies },
  imagePullSecrets: {
    items: {
      type: 'object',
      properties: { name: jsonSchema(objectName) },
      required: ['name'],
      additionalProperties: false,
    },
  },
  namespaces: { uniqueItems: true },
  replicaCount: { minimum: 0 },
  nodeSelector: labelsSchema,
  tolerations: objects,
  topologySpreadConstraints: objects,
  podAnnotations: annotationsSchema,
  podLabels: labelsSchema,
  terminationGracePeriodSeconds: { minimum: 0 },
  'podDisruptionBudget.maxUnavailable': { type: ['integer', 'string'] },
  extraArgs: texts,
  extraEnv: objects,
  extraVolumes: objects,
  extraVolumeMounts: objects,
  'serviceAccount.annotations': annotationsSchema,
  'networkPolicy.scrapers': { items: jsonSchema(networkPolicyPeer) },
  'networkPolicy.apiServerPort': port,
  'policies.namespaceLabel': labelKey,
  'policies.upstreams.suffixes': { items: { type: 'string', ...domain }, uniqueItems: true },
  'policies.upstreams.clusterDomain': domain,
  'policies.maxDurationSeconds': { minimum: 0, maximum: MAX_DURATION_SECONDS },
  'policies.maxConnectionsPercent': { minimum: 1, maximum: 100 },
  'metrics.service.port': port,
  'metrics.service.annotations': annotationsSchema,
  'metrics.serviceMonitor.labels': labelsSchema,
  'metrics.serviceMonitor.relabelings': objects,
  'metrics.serviceMonitor.metricRelabelings': objects,
  'metrics.podMonitor.labels': labelsSchema,
  'metrics.prometheusRule.labels': labelsSchema,
  'metrics.prometheusRule.faultsFor': { pattern: '^[1-9][0-9]*[smhd]$' },
  'metrics.prometheusRule.leverFor': { pattern: '^[1-9][0-9]*[smhd]$' },
  'metrics.podMonitor.relabelings': objects,
  'metrics.podMonitor.metricRelabelings': objects,
  'proxy.image.registry': registry,
  'proxy.image.repository': { pattern: `^(${repository})?$` },
  'proxy.image.tag': tag,
  'proxy.image.digest': digest,
  'proxy.imagePullPolicy': { enum: ['', ...pullPolicies] },
  extraObjects: { items: { type: ['object', 'string'] } },
};

/** As far as it may be written: without defaults, which are those of values.yaml. */
function jsonSchema(schema: z.ZodType): Schema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      delete jsonSchema.default;
      namePatterns(jsonSchema as Schema);
    },
  });
  return json as Schema;
}

/** Helm names the wrong place for a key that `propertyNames` refuses, and the right one for a property too many. */
function namePatterns(schema: Schema): void {
  const { pattern } = schema.propertyNames ?? {};
  if (pattern === undefined) return;
  schema.patternProperties = { [pattern]: schema.additionalProperties };
  schema.additionalProperties = false;
  delete schema.propertyNames;
}

/** What the operator takes at that path of its configuration, which the chart writes from its values. */
function operatorAt(path: string): Schema | undefined {
  return path
    .split('.')
    .reduce<Schema | undefined>((node, key) => node?.properties?.[key], operatorSchema);
}

/**
 * Paths and descriptions of the objects that Kubernetes judges, not the chart: those with an `@extra` comment
 * in values.yaml. The operator's configuration may know more of them.
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
    if (description !== undefined) return { type: 'object', description, ...operatorAt(path) };
    if (node.properties === undefined) {
      return { ...node, ...integer(node), ...operatorAt(path), ...KNOWN[path] };
    }
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
