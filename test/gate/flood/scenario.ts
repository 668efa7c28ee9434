/** A flood, and what the gate is to bear. */
export interface Scenario {
  readonly name: string;
  /** MiB that the gate's process may have. */
  readonly limit: number;
  readonly connections: number;
  readonly toServer?: object;
  readonly toClient?: object;
  /** The end that the bytes come from. Default: client. */
  readonly sender?: 'client' | 'server' | 'both';
  /** Whether the other end reads before the faults are lifted. Default: it does. */
  readonly receiver?: 'reads' | 'hangs';
  /** Bytes of a write; as many as the kernel takes if not given. */
  readonly message?: number;
  /** Milliseconds between the messages of a connection. Default: as fast as they go. */
  readonly pause?: number;
  /** Of the push, before the faults are lifted. */
  readonly seconds: number;
  /** What must have arrived in the end. Default: every byte, as it was. */
  readonly arrives?: 'same' | 'length' | 'some';
  /** Text that is sent over and over. Default: one in which each place differs from the next. */
  readonly text?: string;
  /** Flags of the proxy, for example `--process-bytes=1000000`. */
  readonly flags?: readonly string[];
}

export interface Outcome {
  readonly scenario: string;
  /** Why the process ended; undefined when it lived on. */
  readonly killed?: string | undefined;
  /** MiB at most: of the process, of its sockets in the kernel. */
  readonly peak: { readonly process: number; readonly tcp: number; readonly sum: number };
  /** Connections that were open when the faults were lifted. */
  readonly open: number;
  /** Bytes per second that were received during the push, of all connections. */
  readonly bytesPerSecond: number;
  /** Bytes received during the push: least, tenth percentile, mean, most of a connection. */
  readonly shares: readonly number[];
  /** Sent bytes, of all connections. */
  readonly sent: number;
  /** Connections on which something was lost or wrong. */
  readonly wrong: readonly string[];
  /** Seconds from the lift until everything had arrived. */
  readonly drainSeconds: number;
}
