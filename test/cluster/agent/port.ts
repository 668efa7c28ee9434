/** Where an agent listens in its pod. */
export const AGENT_PORT = 9_999;
