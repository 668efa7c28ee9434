import type { GateConfig } from '../../../src/gate/config.ts';

/** A time in which a gate may have run a configuration. */
export interface Epoch {
  readonly config: GateConfig;
  /** It may close connections that are open. */
  readonly closes: boolean;
}
