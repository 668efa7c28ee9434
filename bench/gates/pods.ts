/**
 * A process that stands in for the proxies of many pods: it runs their gates, and has a control port for each at the
 * address of its pod. Its argument is the first gate's port. Takes one request per line and answers each with one line.
 */
import { createInterface } from 'node:readline';
import { ControlServer } from '../../src/control/server.ts';
import { PORTS } from '../../src/operator/desired/common.ts';
import { loopbackGates } from './gates.ts';
import type { MountedGate, PodsAnswer, PodsRequest } from './protocol.ts';

/** What is waited for: a gate that is to run a generation. */
interface Awaited {
  readonly identity: string;
  readonly generation: number;
  readonly done: (at: bigint) => void;
}

/** Identities of the gates that were told something since `forget`. */
const told = new Set<string>();
let awaited: Awaited | undefined;

const firstPort = Number(process.argv[2]);
const gates = loopbackGates({
  onChange: (identity) => controls.get(identity)?.changed(identity),
  onApplied: (identity, { generation }) => {
    told.add(identity);
    if (awaited?.identity !== identity || generation < awaited.generation) return;
    awaited.done(process.hrtime.bigint());
    awaited = undefined;
  },
});
const controls = new Map<string, ControlServer>();

for await (const line of createInterface({ input: process.stdin })) {
  const answer: PodsAnswer = await answerTo(JSON.parse(line));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function answerTo(request: PodsRequest): Promise<PodsAnswer> {
  switch (request.do) {
    case 'add': {
      for (const gate of request.gates) await add(gate);
      return { ports: request.gates.map(({ identity }) => gates.get(identity)?.state?.port ?? 0) };
    }
    case 'forget':
      told.clear();
      return {};
    case 'told':
      return { told: told.size };
    case 'await': {
      const at = await new Promise<bigint>((done) => {
        awaited = { ...request, done };
      });
      return { at: String(at) };
    }
  }
}

async function add({ identity, key, snapshot, ip }: MountedGate): Promise<void> {
  const managed = gates.add(identity, {
    port: firstPort + controls.size,
    key: Buffer.from(key, 'base64'),
  });
  await managed.apply(snapshot);
  const gate = (name: string) => (name === identity ? managed : undefined);
  const control = new ControlServer({ gate, onError: () => {} });
  controls.set(identity, control);
  await control.listen(PORTS.control, ip);
}
