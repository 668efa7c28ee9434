import type { BundledPackage } from './packages.ts';

/** The program that the bundles make. */
export interface Program {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * The bill of materials of the bundles, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). A scanner cannot find
 * packages in a bundle. It holds no time and no serial number: the same bundles have the same one.
 */
export function sbomText(program: Program, packages: readonly BundledPackage[]): string {
  const main = component('application', program);
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: main },
    components: packages.map((each) => component('library', each)),
    dependencies: [
      {
        ref: main['bom-ref'],
        dependsOn: packages.map((each) => packageUrl(each)),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(type: 'application' | 'library', { name, version, license }: Program) {
  const purl = packageUrl({ name, version });
  return {
    type,
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }],
  };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded. */
function packageUrl({ name, version }: { readonly name: string; readonly version: string }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
