import manifest from '../../package.json' with { type: 'json' };

/** Versions of what the test clusters are made of. Kubernetes' stands in kubernetes/go.mod too, next to etcd's. */
export const KUBERNETES_VERSION = '1.34.4';
export const COREDNS_VERSION = '1.12.4';
export const HELM_VERSION = '4.3.1';
/** Merges into what is there; Helm 4 applies on the server's side. */
export const HELM3_VERSION = '3.22.0';
/** Brings a Kubernetes of the same minor version. */
export const KIND_VERSION = '0.30.0';
export const CRICTL_VERSION = '1.34.0';
export const SKAFFOLD_VERSION = '2.16.1';
export const HELM_3_VERSION = '3.22.0';
/** Used where no Go is on PATH. */
export const GO_VERSION = '1.26.8';
export const NPM_VERSION = '11.19.1';
/** The PostgreSQL of Debian 12. */
export const POSTGRES_VERSION = '15';
/** The Redis of Debian 12. */
export const REDIS_VERSION = '7.0';

/** The Node.js of the local base images: the one that this repository's own scripts run on. */
export const NODE_VERSION = manifest.devDependencies.node;
