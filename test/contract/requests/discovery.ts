import { type Request, read, type Story } from '../request.ts';

type Json = Record<string, unknown>;
const OURS = ['chaosgate.dev', 'events.k8s.io'];
const V2 = {
  accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
};
const V2BETA1 = {
  accept:
    'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
};

function group(body: { kind: string; items?: { metadata: { name?: string } }[] }): unknown {
  if (body.items === undefined) return body.kind;
  return {
    ...body,
    items: body.items.filter(({ metadata }) => metadata.name === 'chaosgate.dev'),
  };
}

type Schemas = Record<string, { properties: Record<string, Json> }>;

/** Our kinds' schemas, without what each server says of the fields that every object has. */
function ours(schemas: Schemas): Json {
  const entries = Object.entries(schemas).filter(([name]) => name.includes('TcpGate'));
  return Object.fromEntries(
    entries.map(([name, { properties, ...schema }]) => {
      const { apiVersion: _, kind: __, metadata: ___, items, ...own } = properties;
      return [name, { ...schema, properties: { ...own, items: items?.items } }];
    }),
  );
}

interface Operation {
  readonly parameters?: { name: string; in: string; schema?: { type?: string } }[];
  readonly requestBody?: { content: Json };
}

function queries(parameters: NonNullable<Operation['parameters']>): string[] {
  return parameters
    .filter(({ in: place, name }) => place === 'query' && name !== 'pretty')
    .map(({ name, schema }) => `${name} ${schema?.type ?? ''}`)
    .sort();
}

/** What may be asked where: parameters with their types, and the types of bodies. */
function asked(paths: Record<string, Record<string, Operation>>): Json {
  return Object.fromEntries(
    Object.entries(paths)
      .filter(([path]) => path.includes('chaosgate'))
      .map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.entries(methods)
            .filter(([method]) => method !== 'parameters')
            .map(([method, { parameters = [], requestBody, ...rest }]) => [
              method,
              {
                query: queries([...parameters, ...((methods.parameters ?? []) as never[])]),
                ...(requestBody === undefined
                  ? {}
                  : { body: Object.keys(requestBody.content).sort() }),
                ...Object.fromEntries(
                  Object.entries(rest).filter(([name]) => name.startsWith('x-')),
                ),
              },
            ]),
        ),
      ]),
  );
}

function version3(body: { openapi: string; paths: never; components: { schemas: Schemas } }): Json {
  return {
    openapi: body.openapi,
    paths: asked(body.paths),
    schemas: ours(body.components.schemas),
  };
}

function version2(body: { swagger: string; paths: Json; definitions: Schemas }): Json {
  const paths = Object.keys(body.paths).filter((path) => path.includes('chaosgate'));
  return { swagger: body.swagger, paths, definitions: ours(body.definitions) };
}

function probe(name: string, method: Request['method'], path: string): Request {
  return { name, method, path };
}

export const discovery: Story[] = [
  {
    name: 'discovery',
    requests: [
      {
        ...read('version', '/version'),
        pick: (body: Json) =>
          Object.keys(body).filter((name) =>
            ['major', 'minor', 'gitVersion', 'platform'].includes(name),
          ),
      },
      read('the core group', '/api'),
      {
        ...read('the groups', '/apis'),
        pick: (body: { groups: { name: string }[] }) => ({
          ...body,
          groups: body.groups.filter(({ name }) => OURS.includes(name)),
        }),
      },
      read('our group', '/apis/chaosgate.dev'),
      read('our version', '/apis/chaosgate.dev/v1alpha1'),
      read('our version with a slash', '/apis/chaosgate.dev/v1alpha1/'),
      { ...read('the groups at once', '/apis', V2), pick: group },
      { ...read('the groups at once, beta', '/apis', V2BETA1), pick: group },
      {
        ...read('the core at once', '/api', V2),
        pick: (body: {
          kind: string;
          apiVersion: string;
          items: { metadata: unknown; versions: { version: string }[] }[];
        }) => ({
          ...body,
          items: body.items.map(({ metadata, versions }) => ({
            metadata,
            versions: versions.map(({ version }) => version),
          })),
        }),
      },
      { ...read('events', '/apis/events.k8s.io/v1') },
      {
        ...read('core', '/api/v1'),
        pick: (body: { resources: { name: string }[] }) => ({
          ...body,
          resources: body.resources.filter(({ name }) => name === 'events'),
        }),
      },
      read('a version that is none', '/apis/chaosgate.dev/v1'),
      read('a group that is none', '/apis/nobody.example'),
      read('a version of a group that is none', '/apis/nobody.example/v1'),
      read('a resource that is none', '/apis/chaosgate.dev/v1alpha1/namespaces/default/udpgates'),
      read('a resource that is none, for all', '/apis/chaosgate.dev/v1alpha1/udpgates'),
      {
        ...read('a core resource that is none', '/api/v1/namespaces/default/udpgates'),
        differs: 'For an unknown core resource, this API also lists the existing ones.',
      },
      read('a core version that is none', '/api/v7'),
      read('nothing known', '/nothing'),
      probe('post to discovery', 'POST', '/apis/chaosgate.dev'),
      probe('post to version', 'POST', '/version'),
      read('health', '/healthz'),
      read('liveness', '/livez'),
      read('readiness', '/readyz'),
      {
        ...read('the root', '/'),
        pick: (body: { paths: string[] }) =>
          body.paths.filter((path) =>
            [
              '/api',
              '/apis',
              '/version',
              '/openapi/v2',
              '/openapi/v3',
              '/apis/chaosgate.dev',
              '/apis/chaosgate.dev/v1alpha1',
            ].includes(path),
          ),
      },
    ],
  },
  {
    name: 'OpenAPI',
    requests: [
      {
        ...read('the index', '/openapi/v3'),
        pick: (body: { paths: Record<string, { serverRelativeURL: string }> }) =>
          Object.entries(body.paths)
            .filter(([path]) => path.includes('chaosgate'))
            .map(([path, { serverRelativeURL }]) => [
              path,
              serverRelativeURL.replace(/=[0-9A-F]{64,}$/i, '=<hash>'),
            ]),
      },
      { ...read('our version', '/openapi/v3/apis/chaosgate.dev/v1alpha1'), pick: version3 },
      { ...read('version 2', '/openapi/v2'), pick: version2 },
      read('a version that is none', '/openapi/v3/apis/chaosgate.dev/v1'),
      read('OpenAPI 4', '/openapi/v4'),
    ],
  },
];
