import { describe, expect, test } from 'vitest';
import { clusterDomainOf, ownServiceProblem } from '../../../src/operator/ownService.ts';
import { aGate } from './fixtures.ts';

describe('a gate staging/postgres', () => {
  const problem = (host: string) =>
    ownServiceProblem(aGate({ upstream: { host, port: 5432 } }), 'cluster.local');

  test.each([
    'postgres',
    'POSTGRES',
    'postgres.staging',
    'postgres.staging.svc',
    'postgres.staging.svc.cluster.local',
    'Postgres.Staging.svc.cluster.local.',
  ])('is not run in front of %s, which is its own Service', (host) => {
    expect(problem(host)).toMatchObject({ terminal: true, reason: 'UpstreamIsGate' });
    expect(problem(host)?.message).toContain(`spec.upstream.host ${host} is`);
  });

  test.each([
    'postgres-primary',
    'postgres.production',
    'postgres.production.svc',
    'postgres.staging.svc.clusterset.local',
    'postgres.staging.example.com',
    'db.postgres.staging.svc.cluster.local',
    '10.96.0.1',
    // Absolute: names of no cluster.
    'postgres.',
    'postgres.staging.',
  ])('is run in front of %s', (host) => {
    expect(problem(host)).toBeUndefined();
  });
});

describe("the domain of a cluster's names", () => {
  test.each([
    ['search chaos.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\n'],
    ['nameserver 10.96.0.10\noptions ndots:5\nsearch chaos.svc.cluster.local svc.cluster.local.\n'],
    ['nameserver 192.168.0.1\n'],
    [''],
  ])('is cluster.local by %j', (resolvConf) => {
    expect(clusterDomainOf(resolvConf)).toBe('cluster.local');
  });

  test('is what pods search for Services', () => {
    const resolvConf = 'search a.svc.prod.example svc.prod.example prod.example corp.example\n';
    expect(clusterDomainOf(resolvConf)).toBe('prod.example');
  });
});
