import type { TcpGate } from '../api/tcpgate.ts';
import type { Hosted, Outcome } from './host.ts';

/** A pod of a gate, as far as the operator cares. */
export interface ProxyPod {
  readonly uid: string;
  readonly name: string;
  /** undefined until the pod has an address. */
  readonly ip: string | undefined;
  readonly ready: boolean;
  /** Its container runs: it may carry connections. */
  readonly running: boolean;
  readonly terminating: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Why it is not ready and will not soon be; undefined as long as it seems to be starting. */
  readonly trouble: string | undefined;
}

/** What stands in the way of a gate. */
export interface Obstacle {
  /** Nothing but a change by the user helps. */
  readonly lasting: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What was seen of one gate and its children, at one moment. */
export interface Observed extends Hosted, Omit<Outcome, 'error'> {
  readonly gate: TcpGate;
}
