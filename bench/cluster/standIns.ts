import type { TcpGate } from '../../src/api/tcpgate.ts';
import { snapshot } from '../../src/control/messages.ts';
import type { Kube } from '../../src/kube/client.ts';
import { type KubeObject, keyOf } from '../../src/kube/objects.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { childName, identityOf } from '../../src/operator/desired/common.ts';
import { CHILDREN } from '../../src/operator/resources.ts';
import { Conversation } from '../conversation.ts';
import { bundleProgram } from '../gates/gateProcess.ts';
import { FIRST_PORT } from '../gates/gates.ts';
import type { MountedGate, PodsAnswer, PodsRequest } from '../gates/protocol.ts';
import { imageProcess } from '../image.ts';

/** Three file descriptors and a few hundred kilobytes each: as many as one process has well. */
const GATES_PER_PROCESS = 1_000;

interface SecretObject extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

/** The gate's address among loopback's sixteen million, by its number. */
export function addressOf(number: number): string {
  return `127.${32 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}

/** Processes that run the gates of pods that no kubelet runs. */
export class StandIns {
  readonly #processes: { program: Conversation; identities: Set<string> }[] = [];
  readonly #remove: () => Promise<void>;
  /** Ports of the loopback address where the gates accept clients. */
  readonly ports: number[] = [];

  /** Resolves when each gate runs its stored snapshot. The operator must have written the Secrets. */
  static async start(
    kube: Kube,
    namespaces: readonly string[],
    gates: readonly TcpGate[],
  ): Promise<StandIns> {
    const { file, remove } = await bundleProgram('pods.ts');
    const standIns = new StandIns(remove);
    const secrets = await readSecrets(kube, namespaces);
    const mounted = gates.map((gate, number) => mountedGate(gate, number, secrets));
    for (let first = 0; first < mounted.length; first += GATES_PER_PROCESS) {
      await standIns.#startProcess(file, mounted.slice(first, first + GATES_PER_PROCESS));
    }
    return standIns;
  }

  private constructor(remove: () => Promise<void>) {
    this.#remove = remove;
  }

  /** From here on, `told` counts the gates that an operator has told something. */
  async forget(): Promise<void> {
    for (const { program } of this.#processes) await ask(program, { do: 'forget' });
  }

  async told(): Promise<number> {
    let sum = 0;
    for (const { program } of this.#processes) {
      sum += (await ask(program, { do: 'told' })).told ?? 0;
    }
    return sum;
  }

  /** When the gate runs that generation, in nanoseconds of the machine's monotonic clock. */
  async await(identity: string, generation: number): Promise<bigint> {
    const found = this.#processes.find(({ identities }) => identities.has(identity));
    if (found === undefined) throw new Error(`No process runs ${identity}`);
    const { at = '0' } = await ask(found.program, { do: 'await', identity, generation });
    return BigInt(at);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map(({ program }) => program.stop()));
    await this.#remove();
  }

  async #startProcess(file: string, gates: readonly MountedGate[]): Promise<void> {
    const { command, env } = await imageProcess(file);
    const first = FIRST_PORT + this.ports.length;
    const program = await Conversation.start([...command, String(first)], env);
    this.#processes.push({ program, identities: new Set(gates.map(({ identity }) => identity)) });
    this.ports.push(...((await ask(program, { do: 'add', gates })).ports ?? []));
  }
}

async function ask(program: Conversation, request: PodsRequest): Promise<PodsAnswer> {
  return (await program.ask(request)) as PodsAnswer;
}

/** By `namespace/name`. */
async function readSecrets(
  kube: Kube,
  namespaces: readonly string[],
): Promise<Map<string, SecretObject>> {
  const secrets = new Map<string, SecretObject>();
  for (const namespace of namespaces) {
    const { items } = await kube.list(CHILDREN.Secret as Resource<SecretObject>, { namespace });
    for (const secret of items) secrets.set(keyOf(secret.metadata), secret);
  }
  return secrets;
}

/** What the kubelet would mount of the Secret. */
function mountedGate(
  gate: TcpGate,
  number: number,
  secrets: ReadonlyMap<string, SecretObject>,
): MountedGate {
  const secret = secrets.get(`${gate.metadata.namespace}/${childName(gate)}`);
  if (secret === undefined) throw new Error(`There is no Secret for ${identityOf(gate)}`);
  const { key = '', 'snapshot.json': stored = '' } = secret.data;
  return {
    identity: identityOf(gate),
    key,
    snapshot: snapshot.parse(JSON.parse(Buffer.from(stored, 'base64').toString())),
    ip: addressOf(number),
  };
}
