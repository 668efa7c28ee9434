import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { run, which } from './process.ts';
import { say } from './say.ts';

/** The Debian packages of a node and its images, each with a program or file by which it is known to be there. */
const PACKAGES = {
  buildah: 'buildah',
  containerd: 'containerd',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  debootstrap: 'debootstrap',
  iproute2: 'ip',
  nftables: 'nft',
  openssl: 'openssl',
  runc: 'runc',
} as const;

/** Names of the packages that are not there. */
export function missingPackages(): string[] {
  return Object.entries(PACKAGES)
    .filter(([, proof]) => (isAbsolute(proof) ? !existsSync(proof) : which(proof) === undefined))
    .map(([name]) => name);
}

/** Installs packages; needs root and Debian, or what is made from it. */
export async function installPackages(names: readonly string[]): Promise<void> {
  say(`Installing with apt-get, once: ${names.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(['apt-get', 'update'], { env });
  await run(['apt-get', 'install', '--yes', '--no-install-recommends', ...names], { env });
}
