import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process.ts';
import { API_SERVICE_ADDRESS, CLUSTER_DOMAIN, NODE_ADDRESS } from './addresses.ts';

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '365'];

interface Certificate {
  readonly name: string;
  readonly subject: string;
  readonly usage: 'serverAuth' | 'clientAuth';
  readonly alternativeNames: readonly string[];
}

const CERTIFICATES: readonly Certificate[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    usage: 'serverAuth',
    alternativeNames: [
      ...['127.0.0.1', NODE_ADDRESS, API_SERVICE_ADDRESS].map((address) => `IP:${address}`),
      ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(
        (name) => `DNS:${name}`,
      ),
      `DNS:kubernetes.default.svc.${CLUSTER_DOMAIN}`,
    ],
  },
  {
    name: 'kubelet-server',
    subject: '/CN=kubelet',
    usage: 'serverAuth',
    alternativeNames: [`IP:${NODE_ADDRESS}`],
  },
  {
    // What makes `kubectl logs`, `exec` and `port-forward` work.
    name: 'apiserver-kubelet-client',
    subject: '/O=system:masters/CN=kube-apiserver-kubelet-client',
    usage: 'clientAuth',
    alternativeNames: [],
  },
];

/** Writes the node's certificate authority, certificates and service account keys into `folder`. */
export async function writePki(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Without it `openssl req` adds the extensions of a machine-wide configuration.
  const config = join(folder, 'openssl.cnf');
  await writeFile(config, '[req]\ndistinguished_name = dn\n[dn]\n');
  const request = ['openssl', 'req', '-x509', '-config', config, ...P256];

  await run([
    ...[...request, '-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')],
    ...['-subj', '/CN=chaosgate-test-ca', '-addext', 'basicConstraints=critical,CA:TRUE'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
  await Promise.all(
    CERTIFICATES.map(({ name, subject, usage, alternativeNames }) =>
      run([
        ...[...request, '-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key')],
        ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)],
        ...['-subj', subject, '-addext', `extendedKeyUsage=${usage}`],
        ...(alternativeNames.length === 0
          ? []
          : ['-addext', `subjectAltName=${alternativeNames.join(',')}`]),
      ]),
    ),
  );

  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(join(folder, 'sa.key'), serviceAccounts.privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'sa.pub'), serviceAccounts.publicKey);
}
