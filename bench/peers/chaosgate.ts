import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlLink } from '../../src/control/link.ts';
import type { Snapshot } from '../../src/control/messages.ts';
import { KEY_BYTES } from '../../src/control/psk.ts';
import { gateConfig } from '../../src/gate/config.ts';
import { BUFFERS } from '../buffers.ts';
import { imageProcess } from '../image.ts';
import { freePort, start } from '../processes.ts';
import type { Fault, Peer, PeerName } from './peer.ts';

const IDENTITY = 'bench/gate';

/** Milliseconds that a snapshot may take to be in force. */
const APPLY_LIMIT = 10_000;

/** A proxy as in its pod, but for additional flags of Node: the bundle in Node with the image's flags, told what to do by its control port. */
export function chaosgate(
  bundle: string,
  { name = 'chaosgate', flags = [] }: { name?: PeerName; flags?: readonly string[] } = {},
): Peer {
  return {
    name,
    withFlags: (more) => chaosgate(bundle, { name, flags: [...flags, ...more] }),
    async start(upstreamPort) {
      const folder = await mkdtemp(join(tmpdir(), 'chaosgate-bench-'));
      const key = randomBytes(KEY_BYTES);
      const mounted = join(folder, 'mounted');
      await mkdir(mounted);
      await writeFile(join(mounted, 'identity'), IDENTITY);
      await writeFile(join(mounted, 'key'), key);
      await writeFile(
        join(mounted, 'snapshot.json'),
        JSON.stringify(snapshot(1, upstreamPort, undefined)),
      );
      const ports = { gate: await freePort(), control: await freePort(), http: await freePort() };
      const { command, env } = await imageProcess(bundle, flags);
      const program = await start(
        [
          ...command,
          'proxy',
          `--mounted=${mounted}`,
          `--state=${join(folder, 'state')}`,
          `--gate-port=${ports.gate}`,
          `--control-port=${ports.control}`,
          `--http-port=${ports.http}`,
          `--connection-bytes=${BUFFERS.connectionBytes}`,
          `--process-bytes=${BUFFERS.processBytes}`,
        ],
        env,
      );
      await program.ready(async () => {
        const { ok } = await fetch(`http://127.0.0.1:${ports.http}/readyz`);
        if (!ok) throw new Error('The proxy is not ready');
      });
      const control = await connectControl(ports.control, key);
      let generation = 1;
      return {
        address: `127.0.0.1:${ports.gate}`,
        pid: program.pid,
        inject(fault) {
          generation += 1;
          return control.apply(snapshot(generation, upstreamPort, fault));
        },
        async stop() {
          control.close();
          await program.stop();
          await rm(folder, { recursive: true });
        },
      };
    },
  };
}

/** Throws when this version does not know the fault: parsing alone would leave it out in silence. */
function snapshot(generation: number, port: number, fault: Fault | undefined): Snapshot {
  const toServer = fault?.chaosgate ?? {};
  const config = gateConfig.parse({ upstream: { host: '127.0.0.1', port }, toServer });
  for (const name of Object.keys(toServer)) {
    if (!(name in config.toServer)) throw new Error(`There is no fault ${name}`);
  }
  return { generation, config };
}

async function connectControl(port: number, key: Buffer) {
  let heard = () => {};
  let failure: Error | undefined;
  const link = new ControlLink({
    host: '127.0.0.1',
    port,
    identity: IDENTITY,
    key,
    onChange: () => heard(),
    onError: (error) => {
      failure = error;
      heard();
    },
  });
  const until = (isDone: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('No answer in time')), APPLY_LIMIT);
      heard = () => {
        const problem = link.state.rejected?.message ?? failure?.message;
        if (problem === undefined && !isDone()) return;
        clearTimeout(timer);
        heard = () => {};
        if (problem === undefined) resolve();
        else reject(new Error(`The control connection: ${problem}`));
      };
      heard();
    });
  await until(() => link.state.report !== undefined);
  return {
    async apply(next: Snapshot): Promise<void> {
      link.push(next);
      await until(() => link.state.report?.generation === next.generation);
    },
    close: () => link.close(),
  };
}
