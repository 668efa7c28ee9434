import type { BundledPackage } from './packages.ts';

const HEAD = `chaosgate is licensed under the Apache License, Version 2.0; see LICENSE.

Its command and its library for CommonJS are bundles that hold code of the packages below. Each group of packages is
followed by the text that they come with.
`;

/** What is handed on with the bundles: whose code they hold, under which licences. Packages of one text share it. */
export function noticeText(packages: readonly BundledPackage[]): string {
  const groups = Map.groupBy(packages, ({ license, texts }) =>
    [license, ...texts].join(' ').replaceAll(/\s+/g, ' '),
  );
  const sections = [...groups.values()].map((group) => {
    const names = group.map(({ name, version, license }) => `${name} ${version} (${license})\n`);
    const texts = group[0]?.texts ?? [];
    return [names.join(''), ...(texts.length === 0 ? [withoutText(group)] : texts)].join('\n');
  });
  return [HEAD, ...sections.map((section) => `${section}\n`)].join(`\n${'-'.repeat(80)}\n\n`);
}

function withoutText(group: readonly BundledPackage[]): string {
  return group
    .map(({ name, license, author }) => {
      const by = author === '' ? '' : `, by ${author}`;
      return `${name} comes without a text. Its licence${by}: https://spdx.org/licenses/${license}.html`;
    })
    .join('\n');
}
