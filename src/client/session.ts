import type { Kube } from '../kube/client.ts';
import type { CountDelays } from './counts.ts';
import type { GateWatch } from './gateWatch.ts';

/** What all gates of a connection share. */
export interface Session {
  readonly kube: Kube;
  readonly watch: GateWatch;
  readonly namespace: string;
  /** Milliseconds that a call may take when it does not say. */
  readonly timeout: number;
  readonly delays: CountDelays;
  /** Says where gates are made, if nobody has named the place. */
  announce(): void;
}
