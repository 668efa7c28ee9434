import { badRequest, unsupportedMediaType } from '../errors.ts';
import { mediaType, TYPES } from './mediaType.ts';

/** What clients of Go prefer for the kinds of Kubernetes itself: none of it is text, and none is taken. */
const BINARY = [
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
  'application/apply-patch+cbor',
];

/**
 * The text of a body. Throws a 415 when its type says that it is none, a 400 when it is no UTF-8.
 *
 * @param command what a person started, for the advice
 */
export function textOfBody(
  body: string | Uint8Array,
  contentType: string,
  command: string,
): string {
  if (BINARY.includes(mediaType(contentType))) {
    const advice = `. "${command}" reads no protobuf: make a namespace by its first use, or with kubectl apply -f`;
    throw unsupportedMediaType(TYPES, advice);
  }
  if (typeof body === 'string') return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw badRequest('the body of the request is not UTF-8');
  }
}
