import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface KeyPair {
  /** Files. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate authority of its own in `folder`, made with openssl. */
export class Authority {
  readonly #folder: string;
  readonly #name: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  get certFile(): string {
    return join(this.#folder, `${this.#name}.crt`);
  }

  async create(): Promise<this> {
    await this.#make(this.#name, `/CN=${this.#name}`, ['basicConstraints=critical,CA:TRUE']);
    return this;
  }

  server(name: string): Promise<KeyPair> {
    return this.#issue(name, `/CN=${name}`, ['subjectAltName=IP:127.0.0.1']);
  }

  client(name: string): Promise<KeyPair> {
    return this.#issue(name, `/CN=${name}`, ['extendedKeyUsage=clientAuth']);
  }

  async #issue(name: string, subject: string, extensions: string[]): Promise<KeyPair> {
    const authority = ['-CA', this.certFile, '-CAkey', join(this.#folder, `${this.#name}.key`)];
    await this.#make(name, subject, extensions, authority);
    const [certFile, keyFile] = [`${name}.crt`, `${name}.key`].map((file) =>
      join(this.#folder, file),
    ) as [string, string];
    return { certFile, keyFile, cert: await readFile(certFile), key: await readFile(keyFile) };
  }

  async #make(name: string, subject: string, extensions: string[], more: string[] = []) {
    // Without it openssl adds the extensions of a machine-wide configuration.
    const config = join(this.#folder, `${name}.cnf`);
    await writeFile(config, '[req]\ndistinguished_name = dn\n[dn]\n');
    const args = [
      ['req', '-x509', '-config', config, '-nodes', '-days', '2', '-subj', subject, ...more],
      ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['-keyout', join(this.#folder, `${name}.key`), '-out', join(this.#folder, `${name}.crt`)],
      extensions.flatMap((extension) => ['-addext', extension]),
    ];
    await run('openssl', args.flat());
  }
}
