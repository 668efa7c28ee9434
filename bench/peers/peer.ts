/** What is measured: chaosgate, what a user would take instead, and the direct way between both ends. */
export const PEERS = ['direct', 'chaosgate', 'before', 'toxiproxy', 'haproxy', 'socat'] as const;
export type PeerName = (typeof PEERS)[number];

/** A fault of the direction from client to server, in the words of each peer that has it. */
export interface Fault {
  /** `spec.toServer` of a TcpGate. */
  readonly chaosgate: Readonly<Record<string, unknown>>;
  readonly toxiproxy?: {
    readonly type: string;
    readonly attributes: Readonly<Record<string, number>>;
  };
}

export interface Peer {
  readonly name: PeerName;
  /** Resolves when it accepts clients for the server on that port of the loopback address. */
  start(upstreamPort: number): Promise<RunningPeer>;
  /** The same with more flags of Node.js; undefined for what Node.js does not run. */
  withFlags?(flags: readonly string[]): Peer;
}

export interface RunningPeer {
  /** Where clients connect, as host:port. */
  readonly address: string;
  /** undefined: there is no process in between. */
  readonly pid: number | undefined;
  /** Resolves when the fault is in force on open connections too; undefined lifts it. */
  inject(fault: Fault | undefined): Promise<void>;
  stop(): Promise<void>;
}

/** For peers without faults. */
export async function cannotInject(fault: Fault | undefined): Promise<void> {
  if (fault !== undefined) throw new Error('This peer has no faults');
}
