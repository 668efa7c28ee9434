import type { TcpGate } from '../api/tcpgate.ts';
import type { Hosted, Outcome } from './host.ts';

/** What was seen of one gate and its children, at one moment. */
export interface Observed extends Hosted, Omit<Outcome, 'error'> {
  readonly gate: TcpGate;
}
