import { describe, expect, test } from 'vitest';
import { gateConfigOf } from '../../../src/api/spec.ts';
import { snapshot } from '../../../src/control/messages.ts';
import { operatorConfig } from '../../../src/operator/config.ts';
import { desiredDeployment } from '../../../src/operator/desired/deployment.ts';
import { desiredNetworkPolicy } from '../../../src/operator/desired/networkPolicy.ts';
import { desiredOriginService } from '../../../src/operator/desired/originService.ts';
import { desiredSecret } from '../../../src/operator/desired/secret.ts';
import { desiredService } from '../../../src/operator/desired/service.ts';
import { frontPorts } from '../../../src/operator/front/ports.ts';
import type { Service } from '../../../src/operator/front/service.ts';
import { writeYaml } from '../../../src/yaml/write.ts';
import { aFrontGate, aGate } from './fixtures.ts';

const { proxy } = operatorConfig.parse({ proxy: { image: 'chaosgate:test' } });
const operator = {
  name: 'chaosgate-system/operator',
  namespace: 'chaosgate-system',
  labels: { app: 'operator' },
};
const key = Buffer.alloc(32, 7);

function childrenOf(gate: ReturnType<typeof aGate>) {
  const stored = { generation: gate.metadata.generation, config: gateConfigOf(gate.spec) };
  return [
    desiredDeployment(gate, proxy),
    desiredNetworkPolicy(gate, operator, proxy.networkPolicy),
    desiredSecret(gate, key, stored, operator.name),
    desiredService(gate),
  ];
}

describe('the children of a gate', () => {
  // To be read: what the operator makes of the shortest gate, and of the chart's defaults.
  test.each(childrenOf(aGate()))('$kind is as in its file', async (child) => {
    const file = `./desired/${child.kind[0]?.toLowerCase()}${child.kind.slice(1)}.yaml`;
    await expect(writeYaml(child)).toMatchFileSnapshot(file);
  });

  test('belong to it, and stand in its namespace', () => {
    for (const { metadata } of childrenOf(aGate())) {
      expect(metadata).toMatchObject({
        namespace: 'staging',
        labels: { 'chaosgate.dev/gate': 'postgres' },
        ownerReferences: [{ kind: 'TcpGate', uid: 'gate-uid', controller: true }],
      });
    }
  });

  test('have names that fit the longest gate', () => {
    const longest = aGate({}, { name: 'n'.repeat(53) });
    for (const { metadata } of childrenOf(longest))
      expect(metadata.name.length).toBeLessThanOrEqual(63);
  });
});

/** The API server leaves it out, so that it would be missed and asked for on every reconciliation. */
test('nothing that is empty is asked for, but a selector of everything', () => {
  const text = JSON.stringify([
    desiredDeployment(aGate(), proxy),
    desiredNetworkPolicy(aGate(), { ...operator, labels: {} }, proxy.networkPolicy),
  ]);
  expect(text.match(/"\w+":(\{\}|\[\]|"")/g)).toEqual(['"podSelector":{}']);
});

/** With a target of each kind, and one below 1024. */
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'postgres', namespace: 'staging' },
  spec: {
    type: 'LoadBalancer',
    clusterIP: '10.96.12.34',
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'PreferDualStack',
    publishNotReadyAddresses: true,
    trafficDistribution: 'PreferClose',
    externalTrafficPolicy: 'Cluster',
    selector: { 'app.kubernetes.io/name': 'postgres', 'app.kubernetes.io/managed-by': 'Helm' },
    ports: [
      {
        name: 'sql',
        protocol: 'TCP',
        appProtocol: 'postgresql',
        port: 5432,
        targetPort: 'postgres',
      },
      { name: 'admin', protocol: 'TCP', port: 8080, targetPort: 80 },
    ],
  },
};

describe('the children of a gate with service', () => {
  const gate = aFrontGate({ replicas: 2 });
  const original = service.spec?.selector ?? {};
  const fronted = { ports: frontPorts(service.spec?.ports ?? [], undefined), original };
  const children = [
    ['frontDeployment', desiredDeployment(gate, proxy, fronted)],
    ['frontNetworkPolicy', desiredNetworkPolicy(gate, operator, proxy.networkPolicy, fronted)],
    ['originService', desiredOriginService(gate, service, original)],
  ] as const;
  const { spec } = desiredDeployment(gate, proxy, fronted);

  // To be read: what the operator makes of the gate in front of the Service above.
  test.each(children)('%s is as in its file', async (file, child) => {
    await expect(writeYaml(child)).toMatchFileSnapshot(`./desired/${file}.yaml`);
  });

  test("select pods by a label that no Service's selector changes", () => {
    const labels = { 'chaosgate.dev/gate': 'postgres-chaos' };
    expect(spec.selector.matchLabels).toEqual(labels);
    expect(spec.template.metadata.labels).toEqual({
      'app.kubernetes.io/name': 'chaosgate-3f2504e04f',
      'app.kubernetes.io/managed-by': 'chaosgate-3f2504e04f',
      'app.kubernetes.io/component': 'proxy',
      'app.kubernetes.io/part-of': 'chaosgate',
      ...labels,
    });
    expect(children[1][1].spec.podSelector.matchLabels).toEqual(labels);
  });

  test('are spread over nodes', () => {
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec).toMatchObject({
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { 'chaosgate.dev/gate': 'postgres-chaos' } },
        },
      ],
    });
  });

  test('are asked on a port that the Service leads nobody to', () => {
    const [container] = spec.template.spec.containers;
    expect(container?.readinessProbe.httpGet.port).toBe(15_001);
    expect(container?.livenessProbe.httpGet.port).toBe(15_001);
    expect(container?.args).toEqual(
      expect.arrayContaining(['--control-port=15000', '--http-port=15001']),
    );
    expect(container?.args.join(' ')).not.toContain('--gate-port');
  });

  test('may listen on ports below 1024 where the Service leads to one, and on no others', () => {
    const security = (targetPort: number) =>
      desiredDeployment(gate, proxy, {
        ports: frontPorts([{ port: 1, targetPort }], undefined),
        original,
      }).spec.template.spec.securityContext;
    expect(security(443)).toMatchObject({
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '443' }],
    });
    expect(security(1024)).not.toHaveProperty('sysctls');
  });

  test('have names that fit the longest gate', () => {
    const longest = { ...gate, metadata: { ...gate.metadata, name: 'n'.repeat(53) } };
    const { metadata } = desiredOriginService(longest, service, original);
    expect(metadata.name.length).toBeLessThanOrEqual(63);
  });

  test('lead to the servers as the Service did, for the gate alone', () => {
    const plain = { ...service, spec: { selector: original, ports: [{ port: 53 }] } };
    expect(desiredOriginService(gate, plain, { app: 'db' }).spec).toEqual({
      type: 'ClusterIP',
      internalTrafficPolicy: 'Cluster',
      selector: { app: 'db' },
      ports: [{ protocol: 'TCP', port: 53, targetPort: 53 }],
    });
  });
});

describe('the Service', () => {
  test('has the name of the gate and the port of the upstream, or its own', () => {
    expect(desiredService(aGate())).toMatchObject({
      metadata: { name: 'postgres' },
      spec: { ports: [{ port: 5432, targetPort: 'gate' }] },
    });
    expect(desiredService(aGate({ listen: { port: 80 } })).spec.ports[0]?.port).toBe(80);
  });
});

describe('the Deployment', () => {
  test('does not depend on anything that a patch of the gate changes', () => {
    const patched = aGate(
      {
        upstream: { host: 'elsewhere', port: 1 },
        listen: { port: 2 },
        newConnections: 'Refuse',
        toClient: { delay: { milliseconds: 1 } },
        disconnect: { nonce: 'x' },
        seed: 3,
      },
      { generation: 99, resourceVersion: '1000' },
    );
    expect(desiredDeployment(patched, proxy)).toEqual(desiredDeployment(aGate(), proxy));
  });

  test("has the resources of its gate's namespace, where there are some", () => {
    const ours = { limits: { memory: '1Gi' } };
    const small = { limits: { memory: '128Mi' } };
    const settings = { ...proxy, resources: ours, resourcesByNamespace: { staging: small } };
    const resourcesIn = (namespace: string) =>
      desiredDeployment(aGate({}, { namespace }), settings).spec.template.spec.containers[0];
    expect(resourcesIn('staging')).toMatchObject({ resources: small });
    expect(resourcesIn('production')).toMatchObject({ resources: ours });
    // Which every object has.
    expect(resourcesIn('constructor')).toMatchObject({ resources: ours });
  });

  test('leaves it to the proxy how much it holds, unless that is set', () => {
    const argsWith = (processBytes: number) => {
      const settings = { ...proxy, buffers: { ...proxy.buffers, processBytes } };
      return desiredDeployment(aGate(), settings).spec.template.spec.containers[0]?.args.join(' ');
    };
    expect(argsWith(0)).not.toContain('--process-bytes');
    expect(argsWith(65_536)).toContain('--process-bytes=65536');
  });

  test('asks its probes of another port than the gate', () => {
    const [container] = desiredDeployment(aGate(), proxy).spec.template.spec.containers;
    expect(container?.readinessProbe.httpGet.port).toBe('http');
    expect(container?.livenessProbe.httpGet.port).toBe('http');
  });

  test('leaves out what is empty, so that the API server gives back what was asked for', () => {
    const text = JSON.stringify(desiredDeployment(aGate(), proxy));
    expect(text).not.toMatch(
      /"(annotations|tolerations|affinity|nodeSelector|imagePullSecrets|priorityClassName)"/,
    );
  });

  test('never lets labels of the user replace those that select its pods', () => {
    const config = { ...proxy, podLabels: { 'chaosgate.dev/gate': 'other', team: 'db' } };
    expect(desiredDeployment(aGate(), config).spec.template.metadata.labels).toMatchObject({
      'chaosgate.dev/gate': 'postgres',
      team: 'db',
    });
  });
});

describe('the Secret', () => {
  test('holds what a proxy needs to start by itself', () => {
    const gate = aGate({ toServer: { drop: {} } });
    const stored = { generation: 3, config: gateConfigOf(gate.spec) };
    const { data } = desiredSecret(gate, key, stored, operator.name);
    const text = (field: keyof typeof data) => Buffer.from(data[field], 'base64');
    expect(text('identity').toString()).toBe('staging/postgres');
    expect(text('key')).toEqual(key);
    expect(snapshot.parse(JSON.parse(text('snapshot.json').toString()))).toEqual(stored);
  });
});

describe('the NetworkPolicy', () => {
  const everyone = { clients: [], scrapers: [] };
  const ingress = (settings: Parameters<typeof desiredNetworkPolicy>[2]) =>
    desiredNetworkPolicy(aGate(), operator, settings).spec.ingress;

  test('lets everyone use the gate and read its metrics, unless it is said who may', () => {
    expect(ingress(everyone).map(({ from }) => from?.length)).toEqual([undefined, undefined, 1]);
    const clients = [{ podSelector: { matchLabels: { app: 'shop' } } }];
    const scrapers = [{ ipBlock: { cidr: '10.1.0.0/16' } }];
    expect(ingress({ clients, scrapers })).toEqual([
      { ports: [{ protocol: 'TCP', port: 10000 }], from: clients },
      { ports: [{ protocol: 'TCP', port: 10002 }], from: scrapers },
      ingress(everyone)[2],
    ]);
  });
});
