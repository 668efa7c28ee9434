import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';

interface AdmissionReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string };
}

let reviews = 0;

export const admissionMethods = {
  /**
   * Answers every admission review with this JSON patch, as a webhook does that changes what comes by; `$REVIEW` in it is
   * the number of the review.
   */
  async admissionMutate({
    port,
    cert,
    key,
    patch,
  }: {
    port: number;
    cert: string;
    key: string;
    patch: readonly object[];
  }) {
    const encoded = () => {
      const text = JSON.stringify(patch).replaceAll('$REVIEW', String(reviews));
      return Buffer.from(text).toString('base64');
    };
    const server = createServer({ cert, key }, (request, response) => {
      void json(request).then((body) => {
        const { apiVersion, kind, request: review } = body as AdmissionReview;
        reviews += 1;
        const answer = { uid: review.uid, allowed: true, patchType: 'JSONPatch', patch: encoded() };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ apiVersion, kind, response: answer }));
      });
    });
    await new Promise<void>((resolve) => server.listen(port, resolve));
  },

  /** How many reviews there were so far. */
  async admissionReviews(_: object) {
    return reviews;
  },
};
