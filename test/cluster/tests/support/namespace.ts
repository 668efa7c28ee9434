import { randomBytes } from 'node:crypto';
import { kubectl, type Output, tryKubectl } from './kubectl.ts';

/** A namespace of its own for a test file, labelled pod-security `restricted`. */
export class Namespace {
  readonly name: string;

  static async create(prefix: string): Promise<Namespace> {
    const namespace = new Namespace(`${prefix}-${randomBytes(3).toString('hex')}`);
    await kubectl(['create', 'namespace', namespace.name]);
    await kubectl([
      'label',
      'namespace',
      namespace.name,
      'pod-security.kubernetes.io/enforce=restricted',
    ]);
    // Without it no pod is let in. It comes late when the controllers have just lost the API server.
    await kubectl(
      [
        ...['-n', namespace.name, 'wait', '--for=create', 'serviceaccount/default'],
        '--timeout=120s',
      ],
      { timeoutMs: 130_000 },
    );
    return namespace;
  }

  private constructor(name: string) {
    this.name = name;
  }

  kubectl(...args: string[]): Promise<string> {
    return kubectl(['-n', this.name, ...args]);
  }

  tryKubectl(...args: string[]): Promise<Output> {
    return tryKubectl(['-n', this.name, ...args]);
  }

  apply(...objects: readonly (object | string)[]): Promise<string> {
    return this.#with('apply', objects);
  }

  /** For what is too large for the annotation in which `apply` notes it (256 KiB). */
  create(...objects: readonly (object | string)[]): Promise<string> {
    return this.#with('create', objects);
  }

  async get<T = Record<string, unknown>>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.kubectl('get', kind, name, '-o', 'json')) as T;
  }

  async list<T = Record<string, unknown>>(kind: string, selector: string): Promise<T[]> {
    const text = await this.kubectl('get', kind, '-l', selector, '-o', 'json');
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** `kubectl patch --type merge` of the gate's spec. */
  patch(gate: string, spec: object): Promise<string> {
    return this.kubectl(
      'patch',
      'tcpgate',
      gate,
      '--type',
      'merge',
      '-p',
      JSON.stringify({ spec }),
    );
  }

  wait(gate: string, condition: string, timeoutSeconds = 30): Promise<string> {
    return this.kubectl(
      'wait',
      `tg/${gate}`,
      `--for=condition=${condition}`,
      `--timeout=${timeoutSeconds}s`,
    );
  }

  /** A patch and the wait for its effect, as the README shows it. */
  async patchAndWait(gate: string, spec: object): Promise<void> {
    await this.patch(gate, spec);
    await this.wait(gate, 'Programmed');
  }

  async delete(): Promise<void> {
    await kubectl(['delete', 'namespace', this.name, '--wait=false']);
  }

  #with(verb: 'apply' | 'create', objects: readonly (object | string)[]): Promise<string> {
    const documents = objects.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    return kubectl(['-n', this.name, verb, '-f', '-'], { input: documents.join('\n---\n') });
  }
}
