import { z } from 'zod';
import { type GateConfig, gateConfig } from '../gate/config.ts';
import { integer } from '../gate/schema.ts';

const { upstream, ...behaviour } = gateConfig.shape;

/** Longest `durationSeconds`: two weeks. */
export const MAX_DURATION_SECONDS = 1_209_600;

/** What starts a run of faults beside the faults themselves. */
export const runFields = z.object({
  durationSeconds: integer(
    "How long the faults of both directions and newConnections last, in seconds; then they end by themselves, and the gate passes everything. The time starts when one of these fields, suspend or faultsNonce changes. Default: what the operator's administrator has set.",
    { min: 1, max: MAX_DURATION_SECONDS },
  ).optional(),
  suspend: z
    .boolean()
    .default(false)
    .describe(
      'The gate passes everything; its faults stay in the spec, and start when this is false again.',
    ),
  faultsNonce: z
    .string()
    .min(1)
    .max(63)
    .describe('Any text. A new value starts the faults and their time again.')
    .optional(),
});
export type RunFields = z.infer<typeof runFields>;

export const tcpGateSpec = z
  .object({
    upstream,
    listen: z
      .object({
        port: integer("Port of the gate's Service. Default: the upstream's port.", {
          min: 1,
          max: 65_535,
        }).optional(),
      })
      .describe('Where clients reach the gate: a Service with the name of the gate.')
      .optional(),
    ...behaviour,
    ...runFields.shape,
  })
  .describe('What the gate does. Every change reaches open connections; none is dropped by it.');

export type TcpGateSpec = z.infer<typeof tcpGateSpec>;

/** The port of the gate's Service. */
export function servicePort(spec: TcpGateSpec): number {
  return spec.listen?.port ?? spec.upstream.port;
}

/** The part of the spec that a proxy runs: all but the Service's port, and when the faults are in force. */
export function gateConfigOf(spec: TcpGateSpec): GateConfig {
  const { listen: _, durationSeconds: _d, suspend: _s, faultsNonce: _n, ...config } = spec;
  return config;
}
