import { API_VERSION, KIND } from '../../api/names.ts';
import { splitHostPort } from '../../gate/hostPort.ts';
import { say } from '../../observe/say.ts';
import type { Local } from '../start.ts';
import { rowsOf } from '../up/rows.ts';
import { untilReady } from '../up/untilReady.ts';
import { up } from '../up/up.ts';
import { hints, isInstalled } from './hints.ts';
import { LineClient } from './lineClient.ts';
import { LineServer } from './lineServer.ts';

const NAME = 'demo';

/** Number of results of the client's requests to show. */
const SHOWN = 8;

const READY_LIMIT = 10_000;

export interface DemoOptions {
  readonly kubeconfig: string;
}

/** `chaosgate up` with a server that answers, a gate in front of it, and a client that asks once a second. */
export async function demo({ kubeconfig }: DemoOptions, stop: AbortSignal): Promise<number> {
  const isLive = process.stdout.isTTY;
  const server = await LineServer.start();
  const advice = hints(NAME, isInstalled('kubectl'));
  const answers: string[] = [];
  const ask = async (local: Local) => {
    await untilReady(local, READY_LIMIT);
    const [gate] = rowsOf(local);
    const client = new LineClient(splitHostPort(gate?.listen ?? '').port, (what) => {
      answers.push(what);
      if (!isLive) say(`client: ${what}`);
    });
    stop.addEventListener('abort', () => client.close());
  };
  const footer = () => ['', `client: ${answers.slice(-SHOWN).join(' | ')}`];
  try {
    const options = { local: {}, kubeconfig, output: 'table' } as const;
    const texts = new Map([[NAME, JSON.stringify(gateBefore(server.port))]]);
    const sources = { files: [], isRecursive: false, texts };
    return await up({ ...options, ...sources, advice, footer, onStarted: ask }, stop);
  } finally {
    server.close();
  }
}

function gateBefore(port: number) {
  const spec = { upstream: { host: '127.0.0.1', port } };
  return { apiVersion: API_VERSION, kind: KIND, metadata: { name: NAME }, spec };
}
