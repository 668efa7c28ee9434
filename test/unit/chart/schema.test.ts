import { describe, expect, it } from 'vitest';
import { generateChartDocs } from '../../../scripts/chart.ts';
import { handedOn, type Schema, strictSchema } from '../../../scripts/chart-schema.ts';

const files = await generateChartDocs();
const schema = JSON.parse(files['charts/chaosgate/values.schema.json'] ?? '') as Schema;

/** The schema of one value; undefined if there is none. */
function at(path: string): Schema | undefined {
  return path.split('.').reduce<Schema | undefined>((node, key) => node?.properties?.[key], schema);
}

describe('values.schema.json', () => {
  it('refuses keys that the chart does not know, at the top and below', () => {
    expect(schema.additionalProperties).toBe(false);
    expect(at('proxy')?.additionalProperties).toBe(false);
    expect(at('metrics.serviceMonitor')?.additionalProperties).toBe(false);
  });

  it('takes global, which Helm hands to every chart of a release', () => {
    expect(at('global')).toEqual({ type: 'object' });
  });

  it('takes any key in what is handed to Kubernetes', () => {
    expect(at('resources')).toEqual({
      type: 'object',
      description: "Resources of the operator's container",
    });
    expect(at('securityContext')?.additionalProperties).toBeUndefined();
  });

  it('takes what Kubernetes takes in what the operator hands to it', () => {
    expect(at('proxy.affinity.nodeAffinity')?.additionalProperties).toBe(false);
    expect(at('proxy.resources')).toMatchObject({
      description: "Resources of a proxy's container",
      additionalProperties: false,
    });
  });

  it('names the property too many, not its pattern', () => {
    expect(JSON.stringify(schema)).not.toContain('propertyNames');
    expect(at('proxy.resources.limits')?.additionalProperties).toBe(false);
  });

  it('wants whole numbers for numbers', () => {
    expect(at('replicaCount')).toMatchObject({ type: 'integer', default: 1, minimum: 0 });
    expect(at('proxy.buffers.connectionBytes')?.type).toBe('integer');
  });

  it('names the words that a value may be', () => {
    expect(at('log.level')?.enum).toEqual(['debug', 'info', 'warn', 'error']);
  });
});

describe('strictSchema', () => {
  it('fails when it speaks of a value that is not there', () => {
    expect(() => strictSchema({ properties: {} }, new Map())).toThrow(
      /No such values: .*image\.digest/,
    );
  });
});

describe('handedOn', () => {
  it('finds the objects with an @extra comment', () => {
    const values = '## @extra a.b Some\n## @param a.b.c Other\na:\n  ## @extra d More\n';
    expect(handedOn(values)).toEqual(
      new Map([
        ['a.b', 'Some'],
        ['d', 'More'],
      ]),
    );
  });
});
