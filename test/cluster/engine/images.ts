/** What stands in for the images that kind, the Dockerfile and the tests pull, where no registry can be reached. */
import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { nodePrograms } from '../binaries.ts';
import { ensureEntry } from '../cache.ts';
import { build, saveArchive } from '../images/buildah.ts';
import {
  BUILD_BASE,
  CLUSTER_RECIPES,
  debian,
  ensureImage,
  type Recipe,
  RUNTIME_BASE,
} from '../images/recipes.ts';
import { run } from '../process.ts';
import { COREDNS_VERSION, KIND_VERSION, KUBERNETES_VERSION } from '../versions.ts';
import { crictl, kindNodeFiles, kubeadm } from './programs.ts';

const CONTROL_PLANE = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
];

const kubernetes: Recipe = {
  image: 'localhost/chaosgate-test/kubernetes:1',
  folder: 'kubernetes',
  from: [debian],
  args: { KUBERNETES_VERSION, COREDNS_VERSION },
  narration: "Building an image of Kubernetes' control plane, once",
  async prepare(context) {
    const programs = await nodePrograms();
    const built = await ensureEntry(programs.kubernetes);
    const coredns = join(await ensureEntry(programs.coredns), 'coredns');
    const paths = [...CONTROL_PLANE.map((name) => join(built, name)), coredns];
    await copyInto(join(context, 'programs'), paths);
  },
};

/** The node of a kind cluster: `kind create cluster --image`. */
export const KIND_NODE: Recipe = {
  image: 'localhost/chaosgate-test/kind-node:1',
  folder: 'kind-node',
  from: [debian, kubernetes, ...CLUSTER_RECIPES],
  args: { KUBERNETES_VERSION, KIND_VERSION },
  narration: 'Building an image for the node of a kind cluster, about a minute, once',
  async prepare(context) {
    const files = join(context, 'kind');
    await cp(await kindNodeFiles(), files, { recursive: true });
    // What is in Go's module cache is read-only.
    await run(['chmod', '-R', 'u+w', files]);
    const built = await ensureEntry((await nodePrograms()).kubernetes);
    await copyInto(join(context, 'programs'), [
      join(built, 'kubelet'),
      join(built, 'kubectl'),
      join(await ensureEntry(kubeadm), 'kubeadm'),
      join(await ensureEntry(crictl), 'crictl'),
    ]);
    const images = join(context, 'images');
    await mkdir(images);
    await saveArchive(kubernetes.image, join(images, 'kubernetes.tar'));
    for (const { image, folder } of CLUSTER_RECIPES) {
      await saveArchive(image, join(images, `${folder}.tar`));
    }
  },
};

/** Images that others are known by, and what stands in for them. */
const STAND_INS: Readonly<Record<string, string>> = {
  'gcr.io/distroless/nodejs24-debian13:nonroot': RUNTIME_BASE.image,
};
/** As the Dockerfile names it. */
const BUILD_IMAGE = 'docker.io/library/node:24-slim';

/**
 * Builds them and puts them on the engine. Call it under `withCacheLock`.
 *
 * @param docker the client's command, with the engine's address
 */
export async function loadImages(docker: readonly string[]): Promise<void> {
  for (const recipe of [KIND_NODE, BUILD_BASE, RUNTIME_BASE]) await ensureImage(recipe);
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-engine-'));
  try {
    await buildWithAuthorities(folder);
    for (const image of [KIND_NODE.image, RUNTIME_BASE.image, BUILD_IMAGE]) {
      const archive = join(folder, 'image.tar');
      await saveArchive(image, archive);
      await run([...docker, 'load', '--input', archive]);
      await rm(archive);
    }
    for (const [name, image] of Object.entries(STAND_INS)) {
      await run([...docker, 'tag', image, name]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lets `npm ci` in a build trust what this machine trusts, where that is more than what Node.js brings along. */
async function buildWithAuthorities(folder: string): Promise<void> {
  const context = join(folder, 'context');
  await mkdir(context);
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  const lines = [`FROM ${BUILD_BASE.image}`];
  if (authorities) {
    await copyFile(authorities, join(context, 'authorities.pem'));
    lines.push('COPY authorities.pem /etc/authorities.pem');
    lines.push('ENV NODE_EXTRA_CA_CERTS=/etc/authorities.pem');
  }
  const file = join(context, 'Containerfile');
  await writeFile(file, `${lines.join('\n')}\n`);
  await build({ image: BUILD_IMAGE, context, file });
}

async function copyInto(folder: string, paths: readonly string[]): Promise<void> {
  await mkdir(folder);
  for (const path of paths) await copyFile(path, join(folder, basename(path)));
}
