import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  installed,
  KUBERNETES_MODULE,
  kindPrograms,
  kubernetesBuild,
  STATIC,
} from '../binaries.ts';
import { type CacheEntry, ensureEntry, entryFolder } from '../cache.ts';
import { runGo } from '../go.ts';
import { run } from '../process.ts';
import {
  CRICTL_VERSION,
  HELM_3_VERSION,
  KIND_VERSION,
  KUBERNETES_VERSION,
  SKAFFOLD_VERSION,
} from '../versions.ts';

const CLIENT = fileURLToPath(new URL('client', import.meta.url));

/** Debian's Docker, and a way out of its network. They are unpacked here, and not installed. */
export const docker: CacheEntry = {
  name: 'docker-debian-12',
  narration: "Fetching Docker from Debian's packages, once",
  async build(folder) {
    const packages = ['docker.io', 'libslirp0', 'slirp4netns', 'tini'];
    await run(['apt-get', 'update']);
    await run(['apt-get', 'download', ...packages], { cwd: folder });
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.deb')) continue;
      await run(['dpkg-deb', '--extract', file, '.'], { cwd: folder });
      await rm(join(folder, file));
    }
  },
};

/** The node of a kind cluster has it, and kind asks it for images. */
export const crictl = installed(
  `sigs.k8s.io/cri-tools/cmd/crictl@v${CRICTL_VERSION}`,
  `Building crictl ${CRICTL_VERSION} from its Go module, once`,
);

/** In a module of its own: it needs sums that those of the other programs lack. */
export const kubeadm: CacheEntry = {
  name: `kubeadm-v${KUBERNETES_VERSION}`,
  narration: `Building kubeadm ${KUBERNETES_VERSION} from its Go module, about 1 minute, once`,
  async build(folder) {
    const module = join(folder, 'module');
    await cp(KUBERNETES_MODULE, module, { recursive: true });
    const command = [...kubernetesBuild(KUBERNETES_VERSION), '-mod=mod', '-o', `${folder}/`];
    await runGo([...command, 'k8s.io/kubernetes/cmd/kubeadm'], { cwd: module, env: STATIC });
    await rm(module, { recursive: true });
  },
};

/** `go install` refuses modules that replace others. */
const skaffold: CacheEntry = {
  name: `skaffold-v${SKAFFOLD_VERSION}`,
  narration: `Building Skaffold ${SKAFFOLD_VERSION} from its Go module, about 5 minutes, once`,
  async build(folder) {
    const path = 'github.com/GoogleContainerTools/skaffold/v2';
    const source = join(folder, 'source');
    await cp(await moduleFolder(`${path}@v${SKAFFOLD_VERSION}`), source, { recursive: true });
    // What is in the module cache is read-only.
    await run(['chmod', '-R', 'u+w', source]);
    const flags = `-s -w -X ${path}/pkg/skaffold/version.version=v${SKAFFOLD_VERSION}`;
    const command = ['build', '-mod=mod', '-trimpath', '-ldflags', flags, '-o', `${folder}/`];
    await runGo([...command, './cmd/skaffold'], { cwd: source, env: STATIC });
    await rm(source, { recursive: true });
  },
};

/** This Skaffold asks Helm for its version by an option that Helm 4 has not got. */
const helm3 = installed(
  `helm.sh/helm/v3/cmd/helm@v${HELM_3_VERSION}`,
  `Building Helm ${HELM_3_VERSION} from its Go module, about 2 minutes, once`,
);

/** Where kind keeps what a node image starts from. */
export async function kindNodeFiles(): Promise<string> {
  return join(await moduleFolder(`sigs.k8s.io/kind@v${KIND_VERSION}`), 'images/base/files');
}

/** docker, kind, kubectl, helm and skaffold; call it under `withCacheLock`. */
export async function ensurePrograms(): Promise<void> {
  for (const entry of PROGRAMS) await ensureEntry(entry);
}

/** Folders for PATH, in which they are once they are built. */
export function programFolders(): string[] {
  const folder = entryFolder(docker);
  const others = PROGRAMS.filter((entry) => entry !== docker).map(entryFolder);
  return [CLIENT, join(folder, 'usr/bin'), join(folder, 'usr/sbin'), ...others];
}

const PROGRAMS: readonly CacheEntry[] = [docker, skaffold, helm3, ...kindPrograms()];

async function moduleFolder(module: string): Promise<string> {
  // Outside of any module, as `go install` works.
  const answer: { Dir: string } = JSON.parse(await runGo(['mod', 'download', '-json', module]));
  return answer.Dir;
}
