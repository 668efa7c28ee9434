import type { FieldCause } from '../kube/errors.ts';

export type { FieldCause };

/**
 * What this library rejects with. The message says what happened and what to do. Not among them: a `TypeError` for an
 * argument that cannot be meant, and the reason of an AbortSignal.
 */
export abstract class ChaosError extends Error {}

/** Nothing could be asked: no configuration, nobody listens, the connection broke, or the server is not well. */
export class UnreachableError extends ChaosError {
  override readonly name = 'UnreachableError';
}

/** The API server lacks the resource TcpGate. */
export class NotInstalledError extends ChaosError {
  override readonly name = 'NotInstalledError';
}

/** The API server does not know the caller, or does not let it do this. */
export class ForbiddenError extends ChaosError {
  override readonly name = 'ForbiddenError';
}

/** The gate does not exist, or no longer. */
export class GateNotFoundError extends ChaosError {
  override readonly name = 'GateNotFoundError';
  /** `namespace/name` */
  readonly gate: string;

  constructor(gate: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.gate = gate;
  }
}

/** The API server refused the gate or the change. Nothing has changed. */
export class InvalidError extends ChaosError {
  override readonly name = 'InvalidError';
  /** `namespace/name` */
  readonly gate: string;
  /** What is wrong with which field; empty when the server did not say it by field. */
  readonly causes: readonly FieldCause[];

  constructor(
    gate: string,
    message: string,
    causes: readonly FieldCause[],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.gate = gate;
    this.causes = causes;
  }
}

/** A change was accepted but is not in force, either within the timeout or at all. It may still come into force later. */
export class NotProgrammedError extends ChaosError {
  override readonly name = 'NotProgrammedError';
  /** `namespace/name` */
  readonly gate: string;
  /** Generation of the gate that is not in force. */
  readonly generation: number;
  /** Of the condition that says why, for programs: `ProxyUnreachable`, `NameTaken`, `ListenFailed`. */
  readonly reason: string;
  /** What is in force instead: `status.faults`. */
  readonly inForce: string | undefined;

  constructor(
    message: string,
    {
      gate,
      generation,
      reason,
      inForce,
    }: Pick<NotProgrammedError, 'gate' | 'generation' | 'reason' | 'inForce'>,
  ) {
    super(message);
    this.gate = gate;
    this.generation = generation;
    this.reason = reason;
    this.inForce = inForce;
  }
}

/** What was waited for did not come in time. */
export class TimeoutError extends ChaosError {
  override readonly name = 'TimeoutError';
  /** Milliseconds that it had. */
  readonly timeout: number;

  constructor(message: string, timeout: number) {
    super(message);
    this.timeout = timeout;
  }
}
