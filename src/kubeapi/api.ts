import { type Answer, errorAnswer, pageNotFound } from './answer.ts';
import { textOfBody } from './decode/bytes.ts';
import { type Discovery, discover, discovery } from './discovery/discover.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { noSuchResource, notFound, StatusError } from './errors.ts';
import { coreEvents, newEvents } from './kinds/events.ts';
import { type Kind, resourceOf } from './kinds/kind.ts';
import { namespaces } from './kinds/namespaces.ts';
import type { Program } from './program.ts';
import type { ApiRequest, RawRequest } from './request.ts';
import { answerResource } from './resources.ts';
import { type Route, route } from './route.ts';
import type { Store } from './store/store.ts';
import type { Context } from './verbs/context.ts';
import { Warnings } from './warnings.ts';

/** Everything that is served, the most important first: kubectl takes the first `events`. */
export function served(kinds: readonly Kind[]): readonly Kind[] {
  return [namespaces, coreEvents, newEvents, ...kinds];
}

export interface ApiOptions {
  readonly store: Store;
  readonly program: Program;
  /** What is served beside namespaces and events. */
  readonly kinds: readonly Kind[];
  readonly environment?: Environment;
  /** An unexpected error: the client gets a 500, and this callback the cause. */
  readonly onError: (error: unknown) => void;
}

/** The Kubernetes API for the kinds that it is given, free of HTTP's machinery. */
export class Api {
  readonly #context: Context;
  readonly #discovery: Discovery;
  readonly #command: string;
  readonly #onError: (error: unknown) => void;

  constructor({ store, program, kinds, environment = systemEnvironment, onError }: ApiOptions) {
    const all = served(kinds);
    this.#context = { store, environment, kinds: all };
    this.#discovery = discovery(all, program);
    this.#command = program.command;
    this.#onError = onError;
  }

  /** Answers a request. Never rejects. */
  async handle(request: RawRequest): Promise<Answer> {
    const warnings = new Warnings();
    const answer = await this.#answer(request, (text) => warnings.add(text));
    return { ...answer, warnings: warnings.list() };
  }

  async #answer(request: RawRequest, warn: ApiRequest['warn']): Promise<Answer> {
    try {
      return await this.#handle(request, warn);
    } catch (error) {
      if (error instanceof StatusError) return errorAnswer(error, request.accept);
      this.#onError(error);
      const unexpected = new StatusError(
        500,
        'InternalError',
        'Internal error occurred: see the log',
      );
      return errorAnswer(unexpected, request.accept);
    }
  }

  async #handle(request: RawRequest, warn: ApiRequest['warn']): Promise<Answer> {
    const { kinds } = this.#context;
    const found = route(request.path, kinds);
    if (found.to === 'resource') {
      // Where it leads to nothing, what is in the body does not matter.
      const body = textOfBody(request.body, request.contentType, this.#command);
      const { target, isWatch } = found;
      return answerResource(this.#context, target, { ...request, body, warn }, isWatch);
    }
    if (found.to === 'nothing') return nothingThere(found, kinds, this.#command);
    return discover(this.#discovery, request) ?? pageNotFound();
  }
}

/** Unknown subresources read as objects that are not there; unknown resources of our group as unknown paths. */
function nothingThere(
  { group, kind, name }: Extract<Route, { to: 'nothing' }>,
  kinds: readonly Kind[],
  command: string,
): Answer {
  if (kind !== undefined) throw notFound(resourceOf(kind), name);
  if (group === '' || group.endsWith('.k8s.io')) {
    const plurals = [...new Set(kinds.map(({ plural }) => plural))].join(', ');
    throw noSuchResource(`: "${command}" is no cluster, and serves ${plurals} alone`);
  }
  return pageNotFound();
}
