import { z } from 'zod';

/** A rule over several fields, in both forms side by side: checked here, and as CEL by API servers. */
export interface Rule<T> {
  /** The rule in CEL, for the API server. */
  cel: string;
  /** The same rule for `parse`; must be equivalent. */
  holds: (value: T) => boolean;
  /** A sentence that names the field and says what to do. */
  message: string;
  /** A more specific message for the invalid value. */
  diagnosis?: {
    /** In CEL, for the API server: a text without line breaks. */
    cel: string;
    /** The same for `parse`. */
    of: (value: T) => string;
  };
}

/** A regular expression as CEL. */
export const cel = (expression: string) => `r'${expression}'`;

/** A rule about a change: the API server checks it on every update, and never on creation. */
export interface TransitionRule<T> {
  /** The rule in CEL, with `self` and `oldSelf`. */
  cel: string;
  /** The same rule for `parse`; must be equivalent. */
  holds: (value: T, before: T) => boolean;
  /** A sentence that names the field and says what to do. */
  message: string;
}

/**
 * Attaches rules to an object: the API server checks them as CEL, `parse` checks them here. `parse` does not know the
 * previous value, so callers that do must check `transitions`.
 */
export function withRules<T extends z.ZodType>(
  schema: T,
  rules: readonly Rule<z.output<T>>[],
  transitions: readonly Pick<TransitionRule<never>, 'cel' | 'message'>[] = [],
): T {
  const checked = rules.reduce<T>(
    (inner, { holds, message, diagnosis }) =>
      inner.refine(holds, {
        error: ({ input }) => diagnosis?.of(input as z.output<T>) ?? message,
      }),
    schema,
  );
  return checked.meta({
    ...schema.meta(),
    'x-kubernetes-validations': [
      ...rules.map(({ cel: rule, message, diagnosis }) => ({
        rule,
        message,
        ...(diagnosis === undefined ? {} : { messageExpression: diagnosis.cel }),
      })),
      ...transitions.map(({ cel: rule, message }) => ({ rule, message })),
    ],
  }) as T;
}

/** An integer field. Bounds are inclusive; the unit belongs in the field's name. */
export function integer(description: string, { min, max }: { min: number; max: number }) {
  return z.int().min(min).max(max).describe(description);
}

/** How the gate closes a connection: orderly (FIN), or with an error (RST; RFC 9293, 3.5.2). */
export const how = z.enum(['Fin', 'Reset']);
export type How = z.infer<typeof how>;

/** Whether a count or rate applies to each connection, or to all connections of the gate together. */
export const scope = z.enum(['Connection', 'Gate']);
