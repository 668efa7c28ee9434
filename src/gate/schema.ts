import { z } from 'zod';

/**
 * A rule over several fields, stated for both places that check it: here, and in CEL, which API servers run. In a file of
 * its own elsewhere, one would be changed without the other.
 */
export interface Rule<T> {
  /** The rule in CEL, for the API server. */
  cel: string;
  /** The same rule here; must mean the same. */
  holds: (value: T) => boolean;
  /** A sentence that names the field and says what to do. */
  message: string;
  /** Says it more exactly, of the value that breaks the rule. */
  diagnosis?: {
    /** In CEL, for the API server: a text in one line. */
    cel: string;
    /** The same here. */
    of: (value: T) => string;
  };
}

/** A regular expression as CEL. */
export const cel = (expression: string) => `r'${expression}'`;

/** A rule about a change: the API server checks it on every update, and never on creation. */
export interface TransitionRule<T> {
  /** The rule in CEL, with `self` and `oldSelf`. */
  cel: string;
  /** The same rule here; must mean the same. */
  holds: (value: T, before: T) => boolean;
  /** A sentence that names the field and says what to do. */
  message: string;
}

/**
 * Attaches rules to an object: the API server checks them as CEL, `parse` checks them here. It sees no value of before, so
 * that `transitions` are to be checked by who has one.
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

/** How the gate ends a connection: in order (FIN), or at once with an error (RST; RFC 9293, 3.5.2). */
export const how = z.enum(['Fin', 'Reset']);
export type How = z.infer<typeof how>;

/** Whose count or rate it is: that of each connection, or one that all connections of the gate share. */
export const scope = z.enum(['Connection', 'Gate']);
