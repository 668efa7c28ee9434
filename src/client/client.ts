/** The library for tests: `import { connect } from 'chaosgate/client'`. */
export type { Condition, TcpGateStatus } from '../api/status.ts';
export type { CallOptions } from './call.ts';
export type { Disconnect, GateSettings } from './changes.ts';
export type { Chaos } from './chaos.ts';
export { type ConnectOptions, connect, type LocalOptions } from './connect.ts';
export type { Direction, FaultOptions } from './direction.ts';
export {
  ChaosError,
  type FieldCause,
  ForbiddenError,
  GateNotFoundError,
  InvalidError,
  NotInstalledError,
  NotProgrammedError,
  TimeoutError,
  UnreachableError,
} from './errors.ts';
export type { DisconnectOptions, Gate, StopAcceptingOptions } from './gate.ts';
export type { PeriodOptions } from './period.ts';
export type {
  FaultSettings,
  Faults,
  FaultsPatch,
  GateSpec,
  How,
  NewConnections,
} from './resource.ts';
