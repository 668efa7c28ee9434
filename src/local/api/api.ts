import { type Answer, errorAnswer, pageNotFound } from './answer.ts';
import { textOfBody } from './decode/bytes.ts';
import { type Discovery, discover, discovery } from './discovery/discover.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { noSuchResource, notFound, StatusError } from './errors.ts';
import { coreEvents, newEvents } from './kinds/events.ts';
import { type Kind, resourceOf } from './kinds/kind.ts';
import { namespaces } from './kinds/namespaces.ts';
import { tcpGates } from './kinds/tcpGates.ts';
import type { ApiRequest, RawRequest } from './request.ts';
import { answerResource } from './resources.ts';
import { type Route, route } from './route.ts';
import type { Store } from './store/store.ts';
import type { Context } from './verbs/context.ts';
import { Warnings } from './warnings.ts';

/** Everything that is served, the most important first: kubectl takes the first `events`. */
export const KINDS: readonly Kind[] = [namespaces, coreEvents, newEvents, tcpGates];

export interface ApiOptions {
  readonly store: Store;
  /** Version of this program, told by `/version`. */
  readonly version: string;
  readonly environment?: Environment;
  /** An error that nobody expected: the client gets a 500, and this hears why. */
  readonly onError: (error: unknown) => void;
}

/** The Kubernetes API for TcpGates, free of HTTP's machinery. */
export class Api {
  readonly #context: Context;
  readonly #discovery: Discovery;
  readonly #onError: (error: unknown) => void;

  constructor({ store, version, environment = systemEnvironment, onError }: ApiOptions) {
    this.#context = { store, environment, kinds: KINDS };
    this.#discovery = discovery(KINDS, version);
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
    const found = route(request.path, KINDS);
    if (found.to === 'resource') {
      // Where it leads to nothing, what is in the body does not matter.
      const body = textOfBody(request.body, request.contentType);
      const { target, isWatch } = found;
      return answerResource(this.#context, target, { ...request, body, warn }, isWatch);
    }
    if (found.to === 'nothing') return nothingThere(found);
    return discover(this.#discovery, request) ?? pageNotFound();
  }
}

const served = [...new Set(KINDS.map(({ plural }) => plural))].join(', ');
const ADVICE = `: "chaosgate up" is no cluster, and serves ${served} alone`;

/** Unknown subresources read as objects that are not there; unknown resources of our group as unknown paths. */
function nothingThere({ group, kind, name }: Extract<Route, { to: 'nothing' }>): Answer {
  if (kind !== undefined) throw notFound(resourceOf(kind), name);
  if (group === '' || group.endsWith('.k8s.io')) throw noSuchResource(ADVICE);
  return pageNotFound();
}
