import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlLink } from '../../../src/control/link.ts';
import type { Snapshot } from '../../../src/control/messages.ts';
import { KEY_BYTES } from '../../../src/control/psk.ts';
import type { StoredSnapshot } from '../../../src/control/storedSnapshot.ts';
import { writeAtomically } from '../../../src/files/atomicFile.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import type { Address } from '../actors/traffic.ts';
import type { Random } from '../random.ts';
import { outcomeOfText } from './expected.ts';
import { lastingPort } from './ports.ts';
import { Program } from './program.ts';
import { SmallDisk } from './smallDisk.ts';
import type { ApplyResult, Asked, Door, RunRequest, Target, TargetGate } from './target.ts';

const LOOPBACK = '127.0.0.1';
const CONNECTION_BYTES = 16 * 2 ** 20;
const POLL = 20;
const PATIENCE = 15_000;

interface Ports {
  readonly gate: number;
  readonly control: number;
  readonly http: number;
}

interface Folders {
  /** What the kubelet mounts from the gate's Secret. */
  readonly mounted: string;
  readonly disk: SmallDisk;
}

/** `chaosgate proxy` with one gate, and the operator's end of its control connection. */
export class ProxyTarget implements Target, TargetGate {
  readonly name: string;
  readonly kind = 'proxies';
  readonly #folders: Folders;
  readonly #ports: Ports;
  readonly #program: Program;
  readonly #key: Buffer;
  readonly #upstream: Address;
  #link: ControlLink | undefined;
  #generation = 1;
  /** The last that the proxy was asked for. */
  #snapshot: Snapshot | undefined;
  #run = { number: 1, nonce: '' };

  static async make(
    name: string,
    upstream: Address,
    memoryBytes: number,
    random: Random,
  ): Promise<ProxyTarget> {
    const disk = await SmallDisk.make();
    const mounted = await mkdtemp(join(tmpdir(), 'chaosgate-torture-mounted-'));
    const ports = {
      gate: await lastingPort(random),
      control: await lastingPort(random),
      http: await lastingPort(random),
    };
    return new ProxyTarget(name, { disk, mounted }, ports, upstream, memoryBytes);
  }

  private constructor(
    name: string,
    folders: Folders,
    ports: Ports,
    upstream: Address,
    memoryBytes: number,
  ) {
    this.name = name;
    this.#folders = folders;
    this.#ports = ports;
    this.#upstream = upstream;
    this.#key = randomBytes(KEY_BYTES);
    this.#program = new Program({
      name,
      memoryBytes,
      args: [
        'proxy',
        `--mounted=${folders.mounted}`,
        `--state=${join(folders.disk.folder, 'state')}`,
        `--gate-port=${ports.gate}`,
        `--control-port=${ports.control}`,
        `--http-port=${ports.http}`,
        `--connection-bytes=${CONNECTION_BYTES}`,
      ],
      started: /"msg":"Proxy started"/,
    });
  }

  get gates(): readonly TargetGate[] {
    return [this];
  }

  get address(): Address {
    return { host: LOOPBACK, port: this.#ports.gate };
  }

  get doors(): readonly Door[] {
    const { control, http } = this.#ports;
    const others = [control, http].map((port) => ({ host: LOOPBACK, port }));
    return [...others, { ...this.address, gate: 0 }];
  }

  get trouble(): string | undefined {
    return this.#program.trouble;
  }

  get peakBytes(): number | undefined {
    return this.#program.peakBytes;
  }

  async start(): Promise<void> {
    const { mounted, disk } = this.#folders;
    await mkdir(join(disk.folder, 'state'));
    await writeFile(join(mounted, 'identity'), this.#identity);
    await writeFile(join(mounted, 'key'), this.#key);
    await this.#mount({
      generation: this.#generation,
      config: gateConfig.parse({ upstream: this.#upstream }),
    });
    await this.#program.start();
    this.#connect();
  }

  async apply(asked: Asked): Promise<ApplyResult> {
    this.#generation += 1;
    const snapshot: Snapshot = {
      generation: this.#generation,
      config: { ...asked.config, upstream: { ...asked.config.upstream, ...this.#upstream } },
      run: this.#runOf(asked.run),
      ...(asked.run.suspend ? { stop: 'Suspended' } : {}),
    };
    this.#snapshot = snapshot;
    await this.#mount(snapshot);
    this.#link?.push(snapshot);
    const outcome = await this.#within(async () => outcomeOfText(await this.said(), asked));
    if (outcome === undefined) {
      const state = JSON.stringify(this.#link?.state);
      return {
        is: 'unknown',
        why: `asked for ${JSON.stringify(asked)}, and its report says ${state}`,
      };
    }
    // Without its own record, which a full disk may keep it from writing, a new process goes by this.
    const { durationSeconds } = snapshot.run ?? {};
    if (outcome.is === 'in force' && durationSeconds !== undefined) {
      const endTime = new Date(Date.now() + durationSeconds * 1_000).toISOString();
      await this.#mount({ ...snapshot, endTime });
    }
    return outcome;
  }

  async said(): Promise<string | undefined> {
    const report = this.#link?.state.report;
    return report?.generation === this.#snapshot?.generation ? report?.faults : undefined;
  }

  readonly pullLever = async (isEngaged: boolean): Promise<void> => {
    if (this.#snapshot === undefined || this.#snapshot.stop === 'Suspended') return;
    const { stop: _, ...snapshot } = this.#snapshot;
    this.#snapshot = isEngaged ? { ...snapshot, stop: 'Lever' } : snapshot;
    this.#link?.push(this.#snapshot);
  };

  async offend(spec: Readonly<Record<string, unknown>>): Promise<ApplyResult> {
    this.#generation += 1;
    const generation = this.#generation;
    const config = { ...gateConfig.parse({ upstream: this.#upstream }), ...spec };
    this.#link?.push({ generation, config } as Snapshot);
    const rejected = await this.#within(async () => {
      const { rejected } = this.#link?.state ?? {};
      return rejected?.generation === generation ? rejected : undefined;
    });
    return rejected === undefined
      ? { is: 'unknown', why: 'no answer' }
      : { is: 'refused', why: rejected.message };
  }

  /** While its operator is away, which comes back with the last that it knows. */
  async kill(beforehand: () => void): Promise<void> {
    beforehand();
    this.#link?.close();
    await this.#program.kill();
    await this.#program.start();
    this.#connect();
  }

  async fillDisk(milliseconds: number): Promise<boolean> {
    if (!this.#folders.disk.canBeFilled) return false;
    await this.#folders.disk.fill();
    await sleep(milliseconds);
    await this.#folders.disk.empty();
    return true;
  }

  async stop(): Promise<void> {
    this.#link?.close();
    await this.#program.stop();
    await this.#folders.disk.remove();
    await rm(this.#folders.mounted, { recursive: true });
  }

  get #identity(): string {
    return `torture/${this.name}`;
  }

  /** As the operator counts them. */
  #runOf({ nonce, durationSeconds, suspend }: RunRequest): Snapshot['run'] {
    if (nonce !== this.#run.nonce) this.#run = { number: this.#run.number + 1, nonce };
    const { number } = this.#run;
    return durationSeconds === undefined || suspend ? { number } : { number, durationSeconds };
  }

  #mount(snapshot: StoredSnapshot): Promise<void> {
    return writeAtomically(join(this.#folders.mounted, 'snapshot.json'), JSON.stringify(snapshot));
  }

  #connect(): void {
    this.#link = new ControlLink({
      host: LOOPBACK,
      port: this.#ports.control,
      identity: this.#identity,
      key: this.#key,
      onChange() {},
      onError() {},
    });
    if (this.#snapshot !== undefined) this.#link.push(this.#snapshot);
  }

  /** What `look` finds at last; undefined when the time is up. */
  async #within<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
    const deadline = performance.now() + PATIENCE;
    while (performance.now() < deadline) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(POLL);
    }
    return undefined;
  }
}
