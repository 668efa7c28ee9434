/** A Kubernetes cluster for tests, which may or may not run yet, and how to reach it. */
export interface ClusterHandle {
  /** `given` by its kubeconfig, a `kind` cluster, or a `node` of our own. */
  readonly kind: 'given' | 'kind' | 'node';
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** KUBECONFIG, HELM_* and a PATH with a fitting kubectl and helm, for programs that use the cluster. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether there is something to talk to; says nothing of its health. */
  isRunning(): Promise<boolean>;
  /** Whether all of it works. */
  isReady(): Promise<boolean>;
  /** Starts it, in place of one that is not ready, and returns when it is ready. */
  start(): Promise<void>;
  /** The command that runs `command` where the cluster can be reached. */
  wrap(command: readonly string[]): string[];
  /** Puts an image that `buildImage` made on the cluster. */
  load(image: string): Promise<void>;
  /** Removes the cluster; leaves a given one alone. */
  down(): Promise<void>;
  /** Ends the API server and returns when it is gone. @throws for a given cluster. */
  stopApiServer(): Promise<void>;
  /** Starts the API server again and returns when it answers. @throws for a given cluster. */
  startApiServer(): Promise<void>;
}

/** The environment that every kind of cluster gives to programs that use it. */
export function clusterEnvironment(
  kubeconfig: string,
  programs: readonly string[],
  helmFolder: string,
): Record<string, string> {
  return {
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: `${helmFolder}/cache`,
    HELM_CONFIG_HOME: `${helmFolder}/config`,
    HELM_DATA_HOME: `${helmFolder}/data`,
    PATH: [...programs, process.env.PATH].join(':'),
  };
}
