import { tcpGateSpec } from '../api/spec.ts';
import { Call, type CallOptions } from './call.ts';
import { RESET } from './changes.ts';
import { GateNotFoundError } from './errors.ts';
import { Gate } from './gate.ts';
import { GateControl } from './gateControl.ts';
import { DONE, WAIT } from './gateWatch.ts';
import { checkArgument, readOptions } from './options.ts';
import { ready } from './progress.ts';
import { deleteGate, type Found, getGate, makeGate } from './requests.ts';
import type { GateSpec } from './resource.ts';
import type { Session } from './session.ts';
import { text } from './text.ts';

/** Milliseconds for a gate to come up or to go: in a cluster a pod has to start. */
const GATE_TIMEOUT = 60_000;

/** A connection to an API for TcpGates, in one namespace. */
export class Chaos implements AsyncDisposable {
  /** Where its gates are. */
  readonly namespace: string;
  /** Text of a kubeconfig for what was started in this process, for kubectl and others; undefined otherwise. */
  readonly kubeconfig: string | undefined;
  readonly #session: Session;
  readonly #end: () => Promise<void>;
  readonly #gates = new Set<Gate>();
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(session: Session, kubeconfig: string | undefined, end: () => Promise<void>) {
    this.namespace = session.namespace;
    this.kubeconfig = kubeconfig;
    this.#session = session;
    this.#end = end;
  }

  /**
   * The gate of that name, ready to be connected to. With a spec it is made, and deleted when it is closed; one that
   * exists is taken over: its faults are lifted and it accepts connections, unless the spec says otherwise. Without a
   * spec it has to exist, and stays as it is.
   *
   * @param options.timeout default: a minute
   */
  async gate(name: string, spec?: GateSpec, options: CallOptions = {}): Promise<Gate> {
    if (typeof name !== 'string') throw new TypeError(`The name of a gate is not ${text(name)}`);
    if (spec !== undefined) checkArgument('spec', tcpGateSpec, spec);
    const known = readOptions('gate()', options, {});
    const call = new Call(known, Math.max(GATE_TIMEOUT, this.#session.timeout));
    this.#session.announce();
    const found = await this.#find(name, spec, call);
    const control = new GateControl(this.#session, found.object);
    try {
      await this.#ready(found, control, call);
    } catch (error) {
      // Nobody has it in hand who could close it.
      if (found.isMade) await deleteGate(this.#session, control.identity, call).catch(() => {});
      throw error;
    }
    const gate: Gate = new Gate(control, () => {
      this.#gates.delete(gate);
      return release(control, found);
    });
    this.#gates.add(gate);
    return gate;
  }

  /**
   * Closes its gates, then disconnects from the API, and stops it if it was started in this process. Harmless when done
   * twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const closed = await Promise.allSettled([...this.#gates].map((gate) => gate.close()));
    await this.#end();
    const failed = closed.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #find(name: string, spec: GateSpec | undefined, call: Call): Promise<Found> {
    if (spec !== undefined) return makeGate(this.#session, name, spec, call);
    return { object: await getGate(this.#session, name, call), isMade: false };
  }

  async #ready({ object }: Found, control: GateControl, call: Call): Promise<void> {
    const { name, uid } = control.identity;
    // The watch may be behind, and know nothing of it or of its predecessor only.
    await this.#session.watch.until(name, call, ({ latest }) =>
      latest?.gate.metadata.uid === uid ? DONE : WAIT,
    );
    const generation = object.metadata.generation ?? 0;
    await control.reach(generation, call, (gate) => ready(gate, generation));
  }
}

async function release(control: GateControl, { isMade }: Found): Promise<void> {
  const { session, identity } = control;
  try {
    if (isMade) {
      const call = new Call({}, GATE_TIMEOUT);
      await control.inTurn(call, () => deleteGate(session, identity, call));
    } else if (control.hasChanged) await control.change(RESET, {});
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof GateNotFoundError)) throw error;
  }
}
