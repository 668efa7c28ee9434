import { join } from 'node:path';

/** Where the parts of one node lie. Its name is also the name of its network namespace and of its cgroups. */
export interface Layout {
  readonly name: string;
  /** The node's own folder: made by `up`, removed by `down`. */
  readonly state: string;
  readonly pki: string;
  readonly kubeconfigs: string;
  /** One file per daemon: its command line, one argument per line. */
  readonly daemons: string;
  readonly logs: string;
  /** A fifo: `start NAME` and `stop NAME` reach init.sh through it. */
  readonly control: string;
  /** A line for every daemon that ended without being told to. */
  readonly exits: string;
  /** One file per running daemon, holding its pid inside the node. */
  readonly running: string;
  /** Written last by `up`: holds the fingerprint of what the node was made from. */
  readonly ready: string;
  readonly containerdSocket: string;
  readonly adminKubeconfig: string;
  readonly networkNamespace: string;
}

/** @param folder the folder that holds the folders of all nodes */
export function layoutOf(folder: string, name: string): Layout {
  const state = join(folder, name);
  const kubeconfigs = join(state, 'kubeconfigs');
  return {
    name,
    state,
    pki: join(state, 'pki'),
    kubeconfigs,
    daemons: join(state, 'daemons'),
    logs: join(state, 'logs'),
    control: join(state, 'control'),
    exits: join(state, 'exits'),
    running: join(state, 'running'),
    ready: join(state, 'ready'),
    containerdSocket: join(state, 'containerd.sock'),
    adminKubeconfig: join(kubeconfigs, 'admin'),
    networkNamespace: `/run/netns/${name}`,
  };
}
