/** Inside the node's own network namespace every cluster has these addresses, so several can run side by side. */
export const NODE_NAME = 'node-1';
export const NODE_ADDRESS = '10.77.0.1';
export const API_PORT = 6443;
export const SERVICE_RANGE = '10.96.0.0/16';
/** The first address of the Service range: `kubernetes.default`. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
export const POD_RANGE = '10.244.0.0/24';
export const CLUSTER_DOMAIN = 'cluster.local';
