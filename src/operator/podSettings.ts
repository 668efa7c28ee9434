import { z } from 'zod';

/**
 * What the operator sets on pods, as Kubernetes 1.29 to 1.34 takes it, so that a typing error is refused before it is in
 * every gate's Deployment.
 */

const NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const PREFIX = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?/';

const key = z.string().regex(new RegExp(`^(${PREFIX})?${NAME}$`));
const labelValue = z.string().regex(new RegExp(`^(${NAME})?$`));

export const labels = z.record(key, labelValue);
export const annotations = z.record(key, z.string());

/** A name of most kinds of objects: a DNS subdomain. */
export const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A name of namespaces: a DNS label. */
export const namespaceName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

/** Such as `500m`, `1`, `64Mi`; a number means the same as its text. */
const quantity = z.union([
  z.string().regex(/^([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/),
  z.number().min(0),
]);

const resourceName = z
  .string()
  .regex(
    new RegExp(`^(cpu|memory|ephemeral-storage|hugepages-[0-9]+[KMGTPE]?i?|${PREFIX}${NAME})$`),
  );

const quantities = z.record(resourceName, quantity);

export const resources = z.strictObject({
  limits: quantities.optional(),
  requests: quantities.optional(),
});

export const toleration = z
  .strictObject({
    key: key.or(z.literal('')).optional(),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: labelValue.optional(),
    effect: z.enum(['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
  })
  .refine(({ key, operator }) => operator === 'Exists' || key, {
    path: ['operator'],
    message: 'must be Exists where there is no key',
  })
  .refine(({ operator, value }) => operator !== 'Exists' || !value, {
    path: ['value'],
    message: 'must not be set with the operator Exists',
  })
  .refine(
    ({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === 'NoExecute',
    {
      path: ['effect'],
      message: 'must be NoExecute with tolerationSeconds',
    },
  )
  // The same for anyone who has the JSON Schema alone.
  .meta({
    allOf: [
      {
        anyOf: [
          {
            properties: { operator: { const: 'Exists' }, value: { const: '' } },
            required: ['operator'],
          },
          {
            properties: { operator: { const: 'Equal' }, key: { minLength: 1 } },
            required: ['key'],
          },
        ],
      },
      {
        anyOf: [
          { not: { required: ['tolerationSeconds'] } },
          { properties: { effect: { const: 'NoExecute' } }, required: ['effect'] },
        ],
      },
    ],
  });

const weight = z.int().min(1).max(100);

const isAmong = z.strictObject({
  key,
  operator: z.enum(['In', 'NotIn']),
  values: z.array(labelValue).min(1),
});
const isThere = z.strictObject({
  key,
  operator: z.enum(['Exists', 'DoesNotExist']),
  values: z.array(labelValue).max(0).optional(),
});
const isBeyond = z.strictObject({
  key,
  operator: z.enum(['Gt', 'Lt']),
  values: z.array(z.string().regex(/^-?[0-9]+$/)).length(1),
});
const isNamed = z.strictObject({
  key: z.literal('metadata.name'),
  operator: z.enum(['In', 'NotIn']),
  values: z.array(objectName).length(1),
});

const nodeSelectorTerm = z.strictObject({
  matchExpressions: z
    .array(z.discriminatedUnion('operator', [isAmong, isThere, isBeyond]))
    .optional(),
  matchFields: z.array(isNamed).optional(),
});

const labelSelector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z.array(z.discriminatedUnion('operator', [isAmong, isThere])).optional(),
});

/** A range of addresses, such as `10.0.0.0/8`. */
export const cidr = z.union([z.cidrv4(), z.cidrv6()]);

/** Whom a rule of a NetworkPolicy lets in. */
export const networkPolicyPeer = z.union([
  z.strictObject({ ipBlock: z.strictObject({ cidr, except: z.array(cidr).optional() }) }),
  z
    .strictObject({
      podSelector: labelSelector.optional(),
      namespaceSelector: labelSelector.optional(),
    })
    .refine((peer) => Object.keys(peer).length > 0, 'must say who: {} is nobody')
    // The same for anyone who has the JSON Schema alone.
    .meta({ minProperties: 1 }),
]);

const podAffinityTerm = z.strictObject({
  topologyKey: key,
  labelSelector: labelSelector.optional(),
  namespaceSelector: labelSelector.optional(),
  namespaces: z.array(namespaceName).optional(),
  matchLabelKeys: z.array(key).optional(),
  mismatchLabelKeys: z.array(key).optional(),
});

const podAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z.array(podAffinityTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight, podAffinityTerm }))
    .optional(),
});

export const affinity = z.strictObject({
  nodeAffinity: z
    .strictObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .strictObject({ nodeSelectorTerms: z.array(nodeSelectorTerm).min(1) })
        .optional(),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(z.strictObject({ weight, preference: nodeSelectorTerm }))
        .optional(),
    })
    .optional(),
  podAffinity: podAffinity.optional(),
  podAntiAffinity: podAffinity.optional(),
});
