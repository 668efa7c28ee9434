import { z } from 'zod';
import { type GateConfig, gateConfig } from '../gate/config.ts';
import { integer } from '../gate/schema.ts';

const { upstream, ...behaviour } = gateConfig.shape;

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
  })
  .describe('What the gate does. Every change reaches open connections; none is dropped by it.');

export type TcpGateSpec = z.infer<typeof tcpGateSpec>;

/** The port of the gate's Service. */
export function servicePort(spec: TcpGateSpec): number {
  return spec.listen?.port ?? spec.upstream.port;
}

/** The part of the spec that a proxy runs: all but the Service's port. */
export function gateConfigOf({ listen: _, ...config }: TcpGateSpec): GateConfig {
  return config;
}
