import { once } from 'node:events';

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string };
  };
}

/** Asks a Node.js process that was started with `--inspect` (https://chromedevtools.github.io/devtools-protocol/v8). */
export class Inspector {
  readonly #socket: WebSocket;
  #last = 0;

  /** @param port of the loopback address where the process takes inspectors on */
  static async connect(port: number): Promise<Inspector> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      readonly webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
    await once(socket, 'open');
    return new Inspector(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Bytes that are in use after a collection of all garbage: of objects, and of what they hold outside of V8's heap. */
  async liveMemory(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    const { result } = await this.#ask('Runtime.evaluate', {
      expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
      returnByValue: true,
    });
    return Number(result?.value);
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: string, params: object = {}): Promise<NonNullable<Answer['result']>> {
    this.#last += 1;
    const id = this.#last;
    const answered = new Promise<Answer>((resolve) => {
      const hear = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data)) as Answer;
        if (answer.id !== id) return;
        this.#socket.removeEventListener('message', hear);
        resolve(answer);
      };
      this.#socket.addEventListener('message', hear);
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result = {}, error } = await answered;
    const problem = error?.message ?? result.exceptionDetails?.text;
    if (problem !== undefined) throw new Error(`The inspector: ${method}: ${problem}`);
    return result;
  }
}
