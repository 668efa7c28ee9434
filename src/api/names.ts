/** The names under which Kubernetes knows the resource. */
export const GROUP = 'chaosgate.dev';
export const VERSION = 'v1alpha1';
export const KIND = 'TcpGate';
export const PLURAL = 'tcpgates';
export const API_VERSION = `${GROUP}/${VERSION}`;
