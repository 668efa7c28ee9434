import type { JsonObject } from '../../json/json.ts';
import { type Answer, jsonAnswer, textAnswer } from '../answer.ts';
import { noSuchResource, notAcceptable, StatusError } from '../errors.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { parseAccept } from '../output/negotiate.ts';
import type { Program } from '../program.ts';
import type { RawRequest } from '../request.ts';
import {
  aggregated,
  apiGroup,
  coreVersions,
  type GroupVersion,
  groupList,
  groupVersions,
  resourceList,
} from './groups.ts';
import { type Document, OpenApi } from './openapi.ts';
import { OPENAPI_PROTOBUF } from './openapiProtobuf.ts';

/** What the API tells about itself; the same for every request. */
export interface Discovery {
  readonly program: Program;
  readonly groups: readonly GroupVersion[];
  readonly openApi: OpenApi;
}

export function discovery(kinds: readonly Kind[], program: Program): Discovery {
  return {
    program,
    groups: groupVersions(kinds),
    openApi: new OpenApi(kinds, program.version),
  };
}

/** The Kubernetes whose answers these are. kubectl warns when it is far from its own. */
const KUBERNETES = { major: '1', minor: '34' };
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers what is asked about the API itself; undefined when it is something else. */
export function discover(known: Discovery, request: RawRequest): Answer | undefined {
  const path = request.path.replace(/\/+$/, '') || '/';
  const { groups } = known;
  if (path === '/api') {
    const core = groups.filter(({ group }) => group === '');
    return index(request, core, coreVersions(request.host));
  }
  if (path === '/apis') {
    const named = groups.filter(({ group }) => group !== '');
    return index(request, named, groupList(named));
  }
  return (
    groupAnswer(path, groups) ?? openApiAnswer(path, known, request) ?? rest(path, known, request)
  );
}

function index(request: RawRequest, groups: readonly GroupVersion[], plain: JsonObject): Answer {
  const wantsAll = parseAccept(request.accept).find(
    ({ type, parameters: { as, g, v } }) =>
      type === 'application/json' &&
      (as === undefined ||
        (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && v === 'v2')),
  );
  if (wantsAll?.parameters.as === undefined) return jsonAnswer(200, plain);
  return { ...jsonAnswer(200, aggregated(groups)), headers: { 'content-type': AGGREGATED } };
}

function groupAnswer(path: string, groups: readonly GroupVersion[]): Answer | undefined {
  const [, root, first = '', second = '', ...more] = path.split('/');
  if (more.length > 0 || first === '') return undefined;
  if (root === 'api') {
    const core = groups.find(({ group, version }) => group === '' && version === first);
    if (core === undefined || second !== '') throw noSuchResource();
    return jsonAnswer(200, resourceList(core));
  }
  const found = root === 'apis' ? groups.find(({ group }) => group === first) : undefined;
  if (found === undefined) return undefined;
  if (second === '') return jsonAnswer(200, apiGroup(found));
  return second === found.version ? jsonAnswer(200, resourceList(found)) : undefined;
}

function openApiAnswer(
  path: string,
  { openApi }: Discovery,
  { accept, query }: RawRequest,
): Answer | undefined {
  if (path === '/openapi/v2') return version2Answer(openApi, accept);
  if (path === '/openapi/v3') return textAnswer(200, JSON.stringify(openApi.index()));
  const place = /^\/openapi\/v3\/(.+)$/.exec(path)?.[1];
  if (place === undefined) return undefined;
  const document = openApi.version3(place);
  if (document === undefined) return { code: 404, headers: {}, body: '' };
  const asked = query.get('hash');
  if (asked === null) return documentAnswer(document, accept);
  const location = `/openapi/v3/${place}?hash=${document.hash}`;
  if (asked !== document.hash) return { code: 301, headers: { location }, body: '' };
  const answer = documentAnswer(document, accept);
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable' } };
}

/** kubectl asks for protobuf and takes nothing else. */
function version2Answer({ version2, version2Protobuf }: OpenApi, accept: string): Answer {
  const [first] = parseAccept(accept);
  const { asked, answered } = OPENAPI_PROTOBUF;
  if (first?.type !== asked && first?.type !== answered) return documentAnswer(version2, accept);
  const headers = { 'content-type': answered, etag: `"${version2.hash}"` };
  return { code: 200, headers, body: version2Protobuf };
}

function documentAnswer({ text, hash }: Document, accept: string): Answer {
  const takesJson = parseAccept(accept).some(({ type }) =>
    ['application/json', '*/*'].includes(type),
  );
  if (accept !== '' && !takesJson) throw notAcceptable(['application/json']);
  const headers = { 'content-type': 'application/json', etag: `"${hash}"` };
  return { code: 200, headers, body: text };
}

function rest(path: string, known: Discovery, { method }: RawRequest): Answer | undefined {
  if (['/healthz', '/livez', '/readyz'].includes(path)) return textAnswer(200, 'ok');
  if (path === '/') return jsonAnswer(200, { paths: pathsOf(known) });
  if (path !== '/version') return undefined;
  if (method !== 'GET') {
    const message = 'the server does not allow this method on the requested resource';
    throw new StatusError(405, 'MethodNotAllowed', message, {});
  }
  return jsonAnswer(200, versionInfo(known.program));
}

function versionInfo({ name, version }: Program): JsonObject {
  const { major, minor } = KUBERNETES;
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.0+${name}.${version}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `node/${process.arch}`,
  };
}

function pathsOf({ groups }: Discovery): string[] {
  const named = groups.filter(({ group }) => group !== '');
  return [
    '/api',
    '/api/v1',
    '/apis',
    ...named.flatMap((group) => [`/apis/${group.group}`, `/apis/${apiVersionOf(group)}`]),
    '/healthz',
    '/livez',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ];
}
