import type { KubeObject } from '../../kube/objects.ts';

/** The fields of a core/v1 ServicePort that are read. */
export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
}

/** The fields of a core/v1 Service that are read of one that a gate is put in front of. */
export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    /** `None`: headless. */
    readonly clusterIP?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly ipFamilies?: readonly string[];
    readonly ipFamilyPolicy?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly trafficDistribution?: string;
    readonly internalTrafficPolicy?: string;
    readonly externalTrafficPolicy?: string;
    readonly sessionAffinity?: string;
  };
}
