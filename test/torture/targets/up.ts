import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kube } from '../../../src/kube/client.ts';
import { kubeConfigOfFile } from '../../../src/kube/config.ts';
import type { Address } from '../actors/traffic.ts';
import type { Random } from '../random.ts';
import { KubeGate } from './kubeGate.ts';
import { lastingPort } from './ports.ts';
import { Program } from './program.ts';
import { SmallDisk } from './smallDisk.ts';
import type { Door, Target } from './target.ts';

const LOOPBACK = '127.0.0.1';
const NAMESPACE = 'default';

/** `chaosgate up --state` on a small disk: API server, operator and gates in one process. */
export class UpTarget implements Target {
  readonly name = 'up';
  readonly kind = '`chaosgate up`';
  readonly #disk: SmallDisk;
  readonly #program: Program;
  readonly #gates: readonly KubeGate[];
  readonly #upstreams: readonly Address[];
  #kube: Kube | undefined;
  #apiPort = 0;

  /** @param upstreams a gate is made for each */
  static async make(
    upstreams: readonly Address[],
    memoryBytes: number,
    random: Random,
  ): Promise<UpTarget> {
    const disk = await SmallDisk.make();
    const ports: number[] = [];
    for (const _ of upstreams) ports.push(await lastingPort(random));
    return new UpTarget(disk, upstreams, ports, memoryBytes);
  }

  private constructor(
    disk: SmallDisk,
    upstreams: readonly Address[],
    ports: readonly number[],
    memoryBytes: number,
  ) {
    this.#disk = disk;
    this.#upstreams = upstreams;
    const state = join(disk.folder, 'state.json');
    this.#program = new Program({
      name: this.name,
      memoryBytes,
      args: ['up', '--state', state, '--kubeconfig', this.#kubeconfig, '--output', 'json'],
      env: { HOME: disk.folder },
      started: /"type":"started"/,
    });
    this.#gates = ports.map(
      (port, index) =>
        new KubeGate({
          kube: () => this.#client,
          name: `up-${index}`,
          namespace: NAMESPACE,
          address: () => ({ host: LOOPBACK, port }),
          created: { upstream: upstreams[index], listen: { port } },
        }),
    );
  }

  get gates(): readonly KubeGate[] {
    return this.#gates;
  }

  get doors(): readonly Door[] {
    return [
      { host: LOOPBACK, port: this.#apiPort },
      ...this.#gates.map(({ address }, gate) => ({ ...address, gate })),
    ];
  }

  get trouble(): string | undefined {
    return this.#program.trouble;
  }

  get peakBytes(): number | undefined {
    return this.#program.peakBytes;
  }

  async start(): Promise<void> {
    await this.#serve();
    for (const [index, gate] of this.#gates.entries()) {
      await gate.create({ upstream: this.#upstreams[index], listen: { port: gate.address.port } });
    }
  }

  async kill(beforehand: () => void): Promise<void> {
    beforehand();
    await this.#program.kill();
    await this.#kube?.close();
    await this.#serve();
    await Promise.all(this.#gates.map((gate) => gate.ready()));
  }

  async fillDisk(milliseconds: number): Promise<boolean> {
    if (!this.#disk.canBeFilled) return false;
    await this.#disk.fill();
    await sleep(milliseconds);
    await this.#disk.empty();
    return true;
  }

  async stop(): Promise<void> {
    await this.#kube?.close();
    await this.#program.stop();
    await this.#disk.remove();
  }

  async #serve(): Promise<void> {
    await this.#program.start();
    const { config } = await kubeConfigOfFile(this.#kubeconfig);
    this.#apiPort = Number(new URL(config.getCurrentCluster()?.server ?? '').port);
    this.#kube = new Kube(config, { userAgent: 'chaosgate-torture' });
  }

  get #client(): Kube {
    if (this.#kube === undefined) throw new Error('It does not run');
    return this.#kube;
  }

  get #kubeconfig(): string {
    return join(this.#disk.folder, 'kubeconfig');
  }
}
