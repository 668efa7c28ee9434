import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { tcpGateCrd } from '../../../src/api/crd.ts';
import { operatorConfig } from '../../../src/operator/config.ts';
import { PORTS } from '../../../src/operator/desired/common.ts';

const read = (path: string) =>
  readFileSync(new URL(`../../../charts/chaosgate/${path}`, import.meta.url), 'utf8');
const chart = parse(read('Chart.yaml'));
const values = parse(read('values.yaml'));

describe('Chart.yaml', () => {
  it('has the version of the package, and names its image', () => {
    expect(chart.version).toBe(manifest.version);
    expect(chart.appVersion).toBe(manifest.version);
    const { registry, repository } = values.image;
    expect(parse(chart.annotations['artifacthub.io/images'])).toEqual([
      { name: 'chaosgate', image: `${registry}/${repository}:${manifest.version}` },
    ]);
  });

  it('presents the resource under the names that the CRD gives it', () => {
    const { metadata, spec } = tcpGateCrd();
    expect(parse(chart.annotations['artifacthub.io/crds'])).toMatchObject([
      { name: metadata.name, kind: spec.names.kind, version: spec.versions[0]?.name },
    ]);
  });
});

describe('the defaults in values.yaml', () => {
  const { image: _, imagePullPolicy: __, ...proxy } = values.proxy;
  const { namespaces, leaderElection, log, gates, faults, services } = values;

  it('are what the operator takes, and what it would use by itself', () => {
    const given = operatorConfig.parse({
      namespaces,
      leaderElection,
      log,
      gates,
      faults,
      services,
      proxy: { ...proxy, image: 'image' },
    });
    const resources = values.proxy.resources;
    expect(given).toEqual(operatorConfig.parse({ proxy: { image: 'image', resources } }));
  });
});

describe("the operator's NetworkPolicy", () => {
  it("lets it reach the proxies' control port", () => {
    expect(read('templates/networkpolicy.yaml')).toContain(`port: ${PORTS.control}\n`);
  });
});
