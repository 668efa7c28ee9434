import type { z } from 'zod';
import { GROUP, PLURAL, VERSION } from '../api/names.ts';
import type { TcpGateSpec, tcpGateSpec } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { FaultName } from '../gate/faults/registry.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Resource } from '../kube/resource.ts';

/** A TcpGate on the wire. */
export interface GateObject extends KubeObject {
  readonly spec: TcpGateSpec;
  readonly status?: TcpGateStatus;
}

export const TCP_GATES: Resource<GateObject> = { group: GROUP, version: VERSION, plural: PLURAL };

type Input = z.input<typeof tcpGateSpec>;

/** What a gate stands in front of: a server, or in a cluster a Service. */
type Target =
  | { readonly upstream: NonNullable<Input['upstream']>; readonly service?: undefined }
  | { readonly service: NonNullable<Input['service']>; readonly upstream?: undefined };

/** What a gate is made with: the fields of a TcpGate's spec, of which only `upstream` or `service` is needed. */
export type GateSpec = Omit<Input, 'disconnect' | keyof Target> & Target;

/** The faults of one direction, as in a TcpGate's spec. */
export type Faults = NonNullable<Input['toServer']>;

/** The settings of one fault. */
export type FaultSettings<N extends FaultName> = NonNullable<Faults[N]>;

/** Faults to merge: what is not named stays as it is, `null` lifts a fault. */
export type FaultsPatch = {
  readonly [N in FaultName]?: Patch<FaultSettings<N>> | null;
} & { readonly connectionsPercent?: number | null };

/** Objects are merged, lists replaced. */
type Patch<T> = T extends readonly unknown[] ? T : Partial<T>;

/** What new connections meet. */
export type NewConnections = NonNullable<Input['newConnections']>;

/** How both ends see the close of a connection: in order (FIN), or as an error (RST). */
export type How = NonNullable<NonNullable<Input['disconnect']>['how']>;

export type { DirectionName } from '../gate/directionName.ts';
