import type { DirectionConfig } from '../config.ts';
import type { Fault } from './fault.ts';
import { faults } from './registry.ts';

/** A fault that a direction has, with its settings. */
export interface ConfiguredFault {
  /** The field of the configuration. */
  readonly name: string;
  readonly fault: Fault;
  readonly settings: unknown;
}

const IN_ORDER = Object.entries(faults as Record<string, Fault>);

/** The faults that are set, in the order in which bytes go through them. */
export function faultsOf(config: DirectionConfig): ConfiguredFault[] {
  return IN_ORDER.flatMap(([name, fault]) => {
    const settings = config[name as keyof DirectionConfig];
    return settings === undefined ? [] : [{ name, fault, settings }];
  });
}
