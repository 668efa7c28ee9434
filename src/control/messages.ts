import { z } from 'zod';
import { MAX_DURATION_SECONDS } from '../api/spec.ts';
import { gateConfig } from '../gate/config.ts';
import { portConfigs } from '../gate/portConfig.ts';

/** One period of faults, from the change that started it to its end or the next such change. */
const run = z.object({
  /** Counts the runs of the gate. */
  number: z.int().min(1),
  /** From its start to its end; absent: nothing ends it. */
  durationSeconds: z.int().min(1).max(MAX_DURATION_SECONDS).optional(),
});

/** What one proxy is to do for one gate: the whole of it, never a difference. */
export const snapshot = z.object({
  /** `metadata.generation` of the TcpGate that it was made from. */
  generation: z.int().min(1),
  config: gateConfig,
  /** What it listens on, in place of the port that the proxy was started with, and where its clients are taken to. */
  ports: portConfigs.optional(),
  /** Absent: an operator sent it that does not end faults. */
  run: run.optional(),
  /** Why the gate passes everything, whatever its faults; absent: it does not. `Released`: it leaves its Service. */
  stop: z.enum(['Suspended', 'Lever', 'Released']).optional(),
  /** Nonce of a disconnect that was run already, by whatever process; it is not run again. */
  disconnectedNonce: z.string().optional(),
});
export type Snapshot = z.infer<typeof snapshot>;

const ping = z.object({ type: z.literal('ping') });

/** What remains of a run; absent: all of it, or it has no end. Told with a snapshot and not in it: it changes all the time. */
export const remaining = z.object({
  remainingMilliseconds: z
    .int()
    .min(0)
    .max(MAX_DURATION_SECONDS * 1_000)
    .optional(),
});

const apply = z.object({ type: z.literal('apply'), snapshot, ...remaining.shape });

/** Characters of what a proxy says of a snapshot that it refuses. */
export const MAX_REJECTION = 4_096;

/** Bytes of the longest message to a proxy: a snapshot with every list and text at its bound is smaller. */
export const MAX_OPERATOR_MESSAGE = 1_048_576;

/** Bytes of the longest message from a proxy: all its texts at their bounds, every character escaped, and some room. */
export const MAX_PROXY_MESSAGE = 65_536;

/** From the operator to a proxy. */
const operatorMessage = z.discriminatedUnion('type', [apply, ping]);
export type OperatorMessage = z.infer<typeof operatorMessage>;

/** Characters of the texts of a report that say what is wrong. */
const MAX_REASON = 1_024;

/** What a proxy says for people, as the schema of its messages takes it: cut, and without control characters. */
export function fitting(message: string, maxLength = MAX_REASON): string {
  return message.replace(/\p{Cc}+/gu, ' ').slice(0, maxLength);
}

/** For people: bounded as the status bounds it, without what would steer a terminal. */
const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^\P{Cc}*$/u);

/**
 * What is true in one proxy for one gate. As strict as the status that it ends up in: anyone who has the key of one gate
 * can say anything here.
 */
const report = z.object({
  /** Differs from process to process. */
  instance: text(64),
  /** Generation that every open connection runs; 0 while there is none. */
  generation: z.int().min(0),
  faults: text(4_096),
  connections: z.object({ active: z.int().min(0), accepted: z.int().min(0) }),
  /** What faults hold because it may belong to a match, where no more comes; absent while there is none. */
  undecided: z.object({ connections: z.int().min(1), bytes: z.int().min(1) }).optional(),
  /**
   * The run whose end the proxy keeps by a timer of its own, and whether its faults are in force on every open connection.
   * Absent until an operator has told what remains of it.
   */
  run: z
    .object({
      number: z.int().min(1),
      state: z.enum(['InForce', 'NoFaults', 'Ended', 'Suspended', 'Lever', 'Released']),
    })
    .optional(),
  disconnectNonce: z.string().max(63).optional(),
  /** Connections that it closed; absent when it was run by another process. */
  disconnectClosed: z.int().min(0).optional(),
  upstream: z.object({
    reachable: z.boolean().optional(),
    reason: z
      .string()
      .max(128)
      .regex(/^[A-Za-z][A-Za-z0-9]*$/)
      .optional(),
    message: text(MAX_REASON).optional(),
  }),
  listenError: text(MAX_REASON).optional(),
  /** Why clients were reset at the limit of connections lately. */
  overLimit: text(MAX_REASON).optional(),
});
export type Report = z.infer<typeof report>;

/** From a proxy to the operator: a report on every change and as the answer to `ping` and `apply`. */
export const proxyMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('report'), report, ...remaining.shape }),
  z.object({ type: z.literal('rejected'), generation: z.int(), message: text(MAX_REJECTION) }),
]);
export type ProxyMessage = z.infer<typeof proxyMessage>;
