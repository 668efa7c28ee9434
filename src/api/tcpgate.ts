import { z } from 'zod';
import { withRules } from '../gate/schema.ts';
import { type SpecWithUpstream, tcpGateSpec, type Upstream } from './spec.ts';
import { tcpGateStatus } from './status.ts';

/** The Service takes the gate's name (RFC 1035 label); other children add a suffix to it. */
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Longest child name is the gate's plus `-chaosgate`, and a label value holds 63 characters. */
const MAX_NAME = 53;

export const gateMetadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  generation: z.int(),
  resourceVersion: z.string(),
  deletionTimestamp: z.string().optional(),
});

/** A TcpGate as the API server hands it out. Unknown fields are left out. */
export const tcpGate = withRules(
  z.object({ metadata: gateMetadata, spec: tcpGateSpec, status: tcpGateStatus.optional() }),
  [
    {
      cel: `self.metadata.name.size() <= ${MAX_NAME} && self.metadata.name.matches('${NAME.source}')`,
      holds: ({ metadata: { name } }) => name.length <= MAX_NAME && NAME.test(name),
      message: `metadata.name names the gate's Service: use at most ${MAX_NAME} lower-case letters, digits and '-', beginning with a letter and not ending with '-'`,
    },
  ],
);

export type TcpGate = z.infer<typeof tcpGate>;

/** A gate with a known upstream: its own, or the one looked up for `spec.service`. */
export type GateWithUpstream = TcpGate & { readonly spec: SpecWithUpstream };

/** Whether the gate's spec has `upstream`; otherwise it has `service`. */
export function hasUpstream(gate: TcpGate): gate is GateWithUpstream {
  return gate.spec.upstream !== undefined;
}

/** A gate with `service`, with the address of that Service's servers filled in. */
export function withUpstream(gate: TcpGate, upstream: Upstream): GateWithUpstream {
  return { ...gate, spec: { ...gate.spec, upstream } };
}
