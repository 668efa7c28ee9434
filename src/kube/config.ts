import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';

export interface LoadedConfig {
  readonly config: KubeConfig;
  /** Where it is from, for people. */
  readonly source: string;
  /** That of the current context; in a cluster, that of the own pod; else `default`. */
  readonly namespace: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface LoadOptions {
  /** A file that is taken before ~/.kube/config, if there is one. */
  readonly before?: string;
  /** What is before the paths of the service account; for tests. */
  readonly root?: string;
}

/** Nobody has said where the API is. */
export class NoKubeConfigError extends Error {
  override readonly name = 'NoKubeConfigError';
}

/**
 * The configuration that kubectl would take: the files of KUBECONFIG, else ~/.kube/config, else the service account of
 * the pod that this runs in. Rejects with a text for people, which says what to do.
 */
export async function loadKubeConfig({
  before,
  root = '',
}: LoadOptions = {}): Promise<LoadedConfig> {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  const found = named.filter((path) => existsSync(path));
  if (found.length > 0) return checked(await fromFiles(found), `KUBECONFIG (${found.join(', ')})`);
  if (named.length > 0) {
    throw new Error(`KUBECONFIG names ${named.join(', ')}, which does not exist`);
  }
  const own = join(process.env.HOME ?? homedir(), '.kube', 'config');
  const file = [before, own].find((path) => path !== undefined && existsSync(path));
  if (file !== undefined) return kubeConfigOfFile(file);
  return checked(fromServiceAccount(root), "this pod's service account");
}

/** The configuration of one file. Rejects with a text for people. */
export async function kubeConfigOfFile(file: string): Promise<LoadedConfig> {
  return checked(await fromFile(file), file);
}

/** The configuration in the text of a kubeconfig. Throws with a text for people. */
export function kubeConfigOfText(text: string): LoadedConfig {
  return checked(fromText(text, process.cwd()), 'The kubeconfig');
}

function checked(config: KubeConfig, source: string): LoadedConfig {
  const context = config.getContextObject(config.currentContext);
  if (!config.currentContext || context === null) {
    throw new Error(
      `${source} has no current context: choose one with "kubectl config use-context"`,
    );
  }
  if (config.getCurrentCluster() === null) {
    throw new Error(
      `${source} has no cluster "${context.cluster}", which context "${context.name}" names`,
    );
  }
  return { config, source, namespace: context.namespace?.trim() || 'default' };
}

function fromServiceAccount(root: string): KubeConfig {
  const isInCluster =
    process.env.KUBERNETES_SERVICE_HOST !== undefined &&
    existsSync(`${root}${SERVICE_ACCOUNT}/token`);
  if (!isInCluster) {
    throw new NoKubeConfigError(
      'No cluster found: KUBECONFIG is not set, ~/.kube/config does not exist, and this is not a pod with a service account token. ' +
        'Set KUBECONFIG to a kubeconfig file, or automountServiceAccountToken of the pod to true',
    );
  }
  const config = new KubeConfig();
  config.loadFromCluster(root);
  return config;
}

/** What several files name alike is taken from the first of them. */
async function fromFiles(files: readonly string[]): Promise<KubeConfig> {
  const [first = new KubeConfig(), ...others] = await Promise.all(files.map(fromFile));
  for (const other of others) {
    first.currentContext ||= other.currentContext;
    first.clusters = united(first.clusters, other.clusters);
    first.users = united(first.users, other.users);
    first.contexts = united(first.contexts, other.contexts);
  }
  return first;
}

async function fromFile(file: string): Promise<KubeConfig> {
  try {
    return fromText(await readFile(file, 'utf8'), dirname(resolve(file)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot read the kubeconfig ${file}: ${reason}`, { cause });
  }
}

/** @param folder where relative paths begin */
function fromText(text: string, folder: string): KubeConfig {
  const config = new KubeConfig();
  if (text.trim() === '') return config;
  config.loadFromString(text);
  config.makePathsAbsolute(folder);
  readTokenFiles(config, parse(text), folder);
  // client-node refuses plain HTTP, as of `kubectl proxy`, unless verification is disabled.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

interface RawKubeconfig {
  readonly users?: readonly { readonly name: string; readonly user?: { tokenFile?: string } }[];
}

/** client-node looks for `token-file`, and only once; the field is `tokenFile`, and the token in it changes. */
function readTokenFiles(config: KubeConfig, raw: RawKubeconfig, folder: string): void {
  const tokenFiles = new Map(raw.users?.map(({ name, user }) => [name, user?.tokenFile]));
  config.users = config.users.map((user) => {
    const tokenFile = tokenFiles.get(user.name);
    if (tokenFile === undefined) return user;
    const { token: _token, ...others } = user;
    const path = resolve(folder, tokenFile);
    return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile: path } } };
  });
}

function united<T extends { readonly name: string }>(
  first: readonly T[],
  others: readonly T[],
): T[] {
  const names = new Set(first.map(({ name }) => name));
  return [...first, ...others.filter(({ name }) => !names.has(name))];
}
