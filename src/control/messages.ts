import { z } from 'zod';
import { gateConfig } from '../gate/config.ts';

/** What one proxy is to do for one gate: the whole of it, never a difference. */
export const snapshot = z.object({
  /** `metadata.generation` of the TcpGate that it was made from. */
  generation: z.int().min(1),
  config: gateConfig,
  /** Nonce of a disconnect that was run already, by whatever process; it is not run again. */
  disconnectedNonce: z.string().optional(),
});
export type Snapshot = z.infer<typeof snapshot>;

const ping = z.object({ type: z.literal('ping') });
const apply = z.object({ type: z.literal('apply'), snapshot });

/** From the operator to a proxy. */
const operatorMessage = z.discriminatedUnion('type', [apply, ping]);
export type OperatorMessage = z.infer<typeof operatorMessage>;

/** What is true in one proxy for one gate. */
const report = z.object({
  /** Differs from process to process. */
  instance: z.string(),
  /** Generation that every open connection runs; 0 while there is none. */
  generation: z.int().min(0),
  faults: z.string(),
  connections: z.object({ active: z.int().min(0), accepted: z.int().min(0) }),
  disconnectNonce: z.string().optional(),
  upstream: z.object({
    reachable: z.boolean().optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
  }),
  listenError: z.string().optional(),
});
export type Report = z.infer<typeof report>;

/** From a proxy to the operator: a report on every change and as the answer to `ping` and `apply`. */
export const proxyMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('report'), report }),
  z.object({ type: z.literal('rejected'), generation: z.int(), message: z.string() }),
]);
export type ProxyMessage = z.infer<typeof proxyMessage>;
