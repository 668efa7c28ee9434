import { isObject, type JsonObject } from '../json/json.ts';
import { type Answer, jsonAnswer, pageNotFound } from './answer.ts';
import { badRequest, methodNotAllowed, notAcceptable, StatusError } from './errors.ts';
import { resourceOf, type Verb } from './kinds/kind.ts';
import { namespaces } from './kinds/namespaces.ts';
import { negotiate, type Representation } from './output/negotiate.ts';
import { presentList, presentObject, type View } from './output/present.ts';
import { watchView } from './output/watchView.ts';
import type { ApiRequest, Target } from './request.ts';
import type { Context } from './verbs/context.ts';
import { create } from './verbs/create.ts';
import { remove, removeAll } from './verbs/delete.ts';
import { listPage, read } from './verbs/list.ts';
import { emptyNamespace } from './verbs/namespaces.ts';
import { flag } from './verbs/options.ts';
import { patch } from './verbs/patch.ts';
import { replace } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';
import type { Written } from './verbs/write.ts';

const WATCH_TYPES = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];
const STATUS_VERBS: readonly string[] = ['get', 'update', 'patch'];

/** Does to a resource what a request asks for. */
export async function answerResource(
  context: Context,
  target: Target,
  request: ApiRequest,
  isWatch: boolean,
): Promise<Answer> {
  const { kind, namespace, name } = target;
  const isReading = request.method === 'GET';
  // Across namespaces there is nothing but lists and watches.
  const isAcross = kind.isNamespaced && namespace === '';
  if (isAcross && (name !== '' || !isReading)) return pageNotFound();
  const verb = verbOf(target, request, isWatch);
  const { format, as } = negotiate(request.accept);
  const view: View = { kind, as, query: request.query, now: context.environment.wall() };
  switch (verb) {
    case 'watch':
      return watchAnswer(context, target, request, { format, as });
    case 'get':
      return jsonAnswer(200, presentObject(read(context, target), view), format);
    case 'list':
      return jsonAnswer(200, presentList(listPage(context, target, request.query), view), format);
    case 'deletecollection':
      return jsonAnswer(200, presentList(await removeAll(context, target, request), view), format);
    case 'delete':
      return jsonAnswer(
        200,
        presentRemoved(await removeOne(context, target, request), view),
        format,
      );
    case 'create':
      return writtenAnswer(await create(context, target, request), view, format);
    case 'update':
      return writtenAnswer(await replace(context, target, request), view, format);
    case 'patch':
      return writtenAnswer(await patch(context, target, request), view, format);
  }
}

/** What a method means there. Throws a 400 or a 405 when it means nothing. */
function verbOf(target: Target, { method, query }: ApiRequest, isWatch: boolean): Verb {
  const { kind, name, subresource } = target;
  const verb = verbs(target, isWatch || flag(query, 'watch'))[method];
  const served: readonly string[] = subresource === 'status' ? STATUS_VERBS : kind.verbs;
  if (verb === undefined || !served.includes(verb)) {
    throw methodNotAllowed(resourceOf(kind), verb ?? '');
  }
  if (name === '' && (verb === 'update' || verb === 'patch')) {
    throw badRequest('name must be provided');
  }
  return verb;
}

function verbs({ name }: Target, isWatch: boolean): Readonly<Record<string, Verb>> {
  const writing = { POST: 'create', PUT: 'update', PATCH: 'patch' } as const;
  return name === ''
    ? { ...writing, GET: isWatch ? 'watch' : 'list', DELETE: 'deletecollection' }
    : { ...writing, GET: 'get', DELETE: 'delete' };
}

function writtenAnswer(
  { code, object }: Written,
  view: View,
  format: Representation['format'],
): Answer {
  return jsonAnswer(code, presentObject(object, view), format);
}

async function removeOne(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<JsonObject> {
  if (target.kind === namespaces) await emptyNamespace(context, target, request);
  return remove(context, target, request);
}

/** A Status is no object: it has one form. */
function presentRemoved(object: JsonObject, view: View): JsonObject {
  return object.kind === 'Status' && isObject(object.details)
    ? object
    : presentObject(object, view);
}

function watchAnswer(
  context: Context,
  target: Target,
  { query }: ApiRequest,
  { format, as }: Representation,
): Answer {
  if (format === 'yaml') throw notAcceptable(WATCH_TYPES);
  if (as?.kind === 'PartialObjectMetadataList') {
    throw new StatusError(
      406,
      'NotAcceptable',
      'a watch has no lists: ask for PartialObjectMetadata',
    );
  }
  const line = watchView({ kind: target.kind, as, query }, () => context.environment.wall());
  return {
    code: 200,
    headers: { 'content-type': 'application/json' },
    body: { watch: watch(context, target, query), line },
  };
}
