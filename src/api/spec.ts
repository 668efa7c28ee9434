import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type GateConfig, gateConfig } from '../gate/config.ts';
import { joinHostPort } from '../gate/hostPort.ts';
import { integer, type TransitionRule, withRules } from '../gate/schema.ts';
import { frontedService } from './frontedService.ts';

const { upstream, ...behaviour } = gateConfig.shape;

/** Longest `durationSeconds`: two weeks. */
export const MAX_DURATION_SECONDS = 1_209_600;

/** Fields that start a run of faults, in addition to the faults themselves. */
export const runFields = z.object({
  durationSeconds: integer(
    "How long the faults of both directions and newConnections last, in seconds. Then they end and the gate passes everything. The time starts over when one of these fields, suspend or faultsNonce changes. Default: set by the operator's administrator.",
    { min: 1, max: MAX_DURATION_SECONDS },
  ).optional(),
  suspend: z
    .boolean()
    .default(false)
    .describe(
      'The gate passes everything. Its faults stay in the spec, and start when this is false again.',
    ),
  faultsNonce: z
    .string()
    .min(1)
    .max(63)
    .describe('Any text. A new value restarts the faults and their duration.')
    .optional(),
});
export type RunFields = z.infer<typeof runFields>;

/** Updates of a spec that are not allowed. */
export const specTransitions: readonly TransitionRule<{ readonly service?: unknown }>[] = [
  {
    cel: 'has(self.service) == has(oldSelf.service) && (!has(self.service) || self.service == oldSelf.service)',
    holds: ({ service }, before) => isDeepStrictEqual(service, before.service),
    message:
      'spec.service cannot be added, changed or removed: delete the gate and create it again',
  },
];

export const tcpGateSpec = withRules(
  z.object({
    upstream: upstream.optional(),
    service: frontedService.optional(),
    listen: z
      .object({
        port: integer("Port of the gate's Service. Default: the upstream's port.", {
          min: 1,
          max: 65_535,
        }).optional(),
      })
      .describe(
        'Where clients connect: a Service with the name of the gate. Not allowed with service, because clients keep the address of that Service.',
      )
      .optional(),
    ...behaviour,
    ...runFields.shape,
  }),
  [
    {
      cel: 'has(self.upstream) || has(self.service)',
      holds: ({ upstream, service }) => upstream !== undefined || service !== undefined,
      message:
        'spec.upstream is required: set it to the host and port of the server, or set spec.service to put the gate in front of a Service',
    },
    {
      cel: '!has(self.upstream) || !has(self.service)',
      holds: ({ upstream, service }) => upstream === undefined || service === undefined,
      message: 'spec.upstream and spec.service are mutually exclusive: remove one of them',
    },
    {
      cel: '!has(self.listen) || !has(self.service)',
      holds: ({ listen, service }) => listen === undefined || service === undefined,
      message:
        'spec.listen cannot be used with spec.service: remove it, clients keep the ports of the Service',
    },
  ],
  specTransitions,
).describe('What the gate does. Every change applies to open connections and closes none of them.');

export type TcpGateSpec = z.infer<typeof tcpGateSpec>;

export type Upstream = GateConfig['upstream'];

/** A spec with a known upstream: its own, or the one looked up for `spec.service`. */
export type SpecWithUpstream = TcpGateSpec & { readonly upstream: Upstream };

/** What is behind the gate, in one line: `host:port`, or `service/NAME`. */
export function upstreamText({ upstream, service }: TcpGateSpec): string {
  if (upstream !== undefined) return joinHostPort(upstream.host, upstream.port);
  return service === undefined ? '' : `service/${service.name}`;
}

/** The port of the gate's own Service. */
export function servicePort(spec: SpecWithUpstream): number {
  return spec.listen?.port ?? spec.upstream.port;
}

/** The part of the spec that a proxy runs: without the fields for clients' addresses and for the duration of faults. */
export function gateConfigOf(spec: SpecWithUpstream): GateConfig {
  const {
    service: _,
    listen: _l,
    durationSeconds: _d,
    suspend: _s,
    faultsNonce: _n,
    ...config
  } = spec;
  return config;
}
