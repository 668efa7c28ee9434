/** Bounds on held bytes, of one direction of a connection and of a process: the chart's defaults. */
export const BUFFERS = {
  connectionBytes: 16 * 1024 * 1024,
  processBytes: 256 * 1024 * 1024,
} as const;
