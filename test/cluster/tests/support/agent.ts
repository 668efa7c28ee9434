import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { admissionMethods } from '../../agent/admission.ts';
import { bundleAgent } from '../../agent/bundle.ts';
import type { httpMethods } from '../../agent/http.ts';
import { AGENT_PORT } from '../../agent/port.ts';
import type { postgresMethods } from '../../agent/postgres.ts';
import type { redisMethods } from '../../agent/redis.ts';
import type { steadyMethods } from '../../agent/steady.ts';
import type { tcpMethods } from '../../agent/tcp.ts';
import { eventually } from './eventually.ts';
import { CONTAINER_SECURITY, IMAGE, podSecurity } from './manifests.ts';
import type { Namespace } from './namespace.ts';

type Methods = typeof admissionMethods &
  typeof httpMethods &
  typeof postgresMethods &
  typeof redisMethods &
  typeof steadyMethods &
  typeof tcpMethods;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** What a test asks of an agent's pod. */
interface PodOptions {
  /** Container ports by name, for Services that name their target. */
  readonly ports?: Readonly<Record<string, number>>;
  /** The lowest port that the agent may listen on. */
  readonly lowestPort?: number;
  /** Labels beside `app`, which is the agent's name. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Joins standard input and output with the agent's port. */
const BRIDGE = `const s = require('net').connect(${AGENT_PORT}, '127.0.0.1'); process.stdin.pipe(s).pipe(process.stdout)`;

/** A client in a pod: see test/cluster/agent. Reached by `kubectl exec`, so that it works on any cluster. */
export class Agent {
  readonly #namespace: Namespace;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #bridge: ChildProcessWithoutNullStreams | undefined;
  #lastId = 0;

  /** Starts the pod, and the agent in it. */
  static async start(namespace: Namespace, name: string, options: PodOptions = {}): Promise<Agent> {
    await namespace.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name },
        data: { 'agent.cjs': await bundleAgent() },
      },
      pod(name, options),
    );
    await namespace.kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s');
    return new Agent(namespace, name);
  }

  private constructor(namespace: Namespace, name: string) {
    this.#namespace = namespace;
    this.#name = name;
  }

  /** Rejects when the way to the agent breaks; the next call finds a new one. */
  call<M extends keyof Methods>(
    method: M,
    params: Parameters<Methods[M]>[0],
  ): Promise<Awaited<ReturnType<Methods[M]>>> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#bridge ??= this.#connect();
    const { stdin } = this.#bridge;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  /**
   * Connects. A Service whose pod has just become ready still refuses, or has no name yet, for a moment: kube-proxy and
   * DNS follow the pod.
   */
  async open(name: string, target: { host: string; port: number }): Promise<void> {
    await eventually(async () => {
      const state = await this.call('tcpOpen', { name, target });
      if (state !== 'open') throw new Error(`${target.host} port ${target.port}: ${state}`);
    });
  }

  /** Lets go of the agent; its pod goes with its namespace. */
  stop(): void {
    this.#bridge?.stdin.end();
  }

  #connect(): ChildProcessWithoutNullStreams {
    const command = ['/nodejs/bin/node', '-e', BRIDGE];
    const bridge = spawn(
      'kubectl',
      ['-n', this.#namespace.name, 'exec', '-i', this.#name, '--', ...command],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let errors = '';
    bridge.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    bridge.stdin.on('error', () => {});
    bridge.on('close', () => {
      this.#bridge = undefined;
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`The way to agent ${this.#name} broke: ${errors}`));
      }
      this.#waiting.clear();
    });
    createInterface({ input: bridge.stdout }).on('line', (line) => this.#answer(line));
    return bridge;
  }

  #answer(line: string): void {
    const { id, result, error } = JSON.parse(line) as {
      id: number;
      result?: unknown;
      error?: { message: string; code?: string };
    };
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(Object.assign(new Error(error.message), { code: error.code }));
  }
}

function pod(name: string, { ports = {}, lowestPort, labels = {} }: PodOptions) {
  const sysctls =
    lowestPort === undefined
      ? []
      : [{ name: 'net.ipv4.ip_unprivileged_port_start', value: String(lowestPort) }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name, ...labels } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { ...podSecurity(65_532), sysctls },
      containers: [
        {
          name: 'agent',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['/nodejs/bin/node', '/agent/agent.cjs'],
          ports: Object.entries(ports).map(([port, containerPort]) => ({
            name: port,
            containerPort,
          })),
          readinessProbe: { tcpSocket: { port: AGENT_PORT }, periodSeconds: 1 },
          securityContext: CONTAINER_SECURITY,
          volumeMounts: [{ name: 'agent', mountPath: '/agent' }],
        },
      ],
      volumes: [{ name: 'agent', configMap: { name } }],
    },
  };
}
