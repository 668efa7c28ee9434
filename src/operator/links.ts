import { isDeepStrictEqual } from 'node:util';
import { ControlLink, type LinkState } from '../control/link.ts';
import type { Snapshot } from '../control/messages.ts';

/** A proxy to talk to. */
export interface LinkTarget {
  readonly podUid: string;
  readonly ip: string;
  /** Of its control server. */
  readonly port: number;
}

export interface LinksOptions {
  /** One of the gate's proxies became reachable or unreachable, or ran a disconnect. */
  onChange(identity: string): void;
  /** One of the gate's proxies reported what only its status tells. */
  onReport(identity: string): void;
  onError(identity: string, error: Error): void;
}

interface Held {
  readonly link: ControlLink;
  readonly ip: string;
  readonly port: number;
  readonly key: Buffer;
  pushed: Snapshot | undefined;
}

/** The control connections to the proxies of all gates. */
export class Links {
  readonly #options: LinksOptions;
  readonly #gates = new Map<string, Map<string, Held>>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /**
   * Keeps a connection to exactly these proxies of the gate, and makes each run the snapshot.
   *
   * @param endsAt when its run ends, in monotonic milliseconds; undefined: all of the run remains, or nothing ends it
   */
  ensure(
    identity: string,
    targets: readonly LinkTarget[],
    key: Buffer,
    snapshot: Snapshot,
    endsAt?: number,
  ): void {
    const before = this.#gates.get(identity) ?? new Map<string, Held>();
    const after = new Map<string, Held>();
    for (const target of targets) {
      const { podUid, ip, port } = target;
      const held = before.get(podUid);
      const isSame = held?.ip === ip && held.port === port && held.key.equals(key);
      after.set(podUid, isSame ? held : this.#open(identity, target, key));
    }
    for (const [podUid, held] of before) if (after.get(podUid) !== held) held.link.close();
    this.#gates.set(identity, after);
    for (const held of after.values()) {
      held.link.setEnd(endsAt);
      if (isDeepStrictEqual(held.pushed, snapshot)) continue;
      held.pushed = snapshot;
      held.link.push(snapshot);
    }
  }

  /** Tells the gate's proxies at once that the lever is engaged or released; `ensure` says the same later. */
  setLever(identity: string, isEngaged: boolean): void {
    for (const held of this.#gates.get(identity)?.values() ?? []) {
      if (held.pushed === undefined) continue;
      const { stop, ...snapshot } = held.pushed;
      if (stop !== (isEngaged ? undefined : 'Lever')) continue;
      held.pushed = isEngaged ? { ...snapshot, stop: 'Lever' } : snapshot;
      held.link.push(held.pushed);
    }
  }

  /** Of the gates that it has connections for. */
  get identities(): readonly string[] {
    return [...this.#gates.keys()];
  }

  /** By uid of the pod. */
  states(identity: string): ReadonlyMap<string, LinkState> {
    const held = this.#gates.get(identity) ?? new Map<string, Held>();
    return new Map([...held].map(([podUid, { link }]) => [podUid, link.state]));
  }

  /** The key that is in use with the gate's proxies, and whether one of them has answered to it. */
  key(identity: string): { key: Buffer; isAnswered: boolean } | undefined {
    const all = [...(this.#gates.get(identity)?.values() ?? [])];
    const answered = all.find(({ link }) => link.state.report !== undefined);
    const key = (answered ?? all[0])?.key;
    return key === undefined ? undefined : { key, isAnswered: answered !== undefined };
  }

  remove(identity: string): void {
    for (const { link } of this.#gates.get(identity)?.values() ?? []) link.close();
    this.#gates.delete(identity);
  }

  close(): void {
    for (const identity of [...this.#gates.keys()]) this.remove(identity);
  }

  #open(identity: string, { ip, port }: LinkTarget, key: Buffer): Held {
    const link = new ControlLink({
      host: ip,
      port,
      identity,
      key,
      onChange: (previous) => {
        if (isReportOnly(previous, link.state)) this.#options.onReport(identity);
        else this.#options.onChange(identity);
      },
      onError: (error) => this.#options.onError(identity, error),
    });
    return { link, ip, port, key, pushed: undefined };
  }
}

/** What a gate needs depends on whether its proxies are reachable, and on the run and the disconnect that they have run. */
function isReportOnly(before: LinkState, { report }: LinkState): boolean {
  return (
    before.report !== undefined &&
    report !== undefined &&
    before.report.disconnectNonce === report.disconnectNonce &&
    before.report.run?.number === report.run?.number &&
    (before.report.run?.state === 'Ended') === (report.run?.state === 'Ended')
  );
}
