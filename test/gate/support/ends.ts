/** The two ends of a connection, for tests that hold for each direction: bytes go from the first to the second. */
export const DIRECTIONS = [
  { direction: 'toServer', sender: 'client', receiver: 'server' },
  { direction: 'toClient', sender: 'server', receiver: 'client' },
] as const;
