import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What to try, and what it does to the client. */
const PATCHES = [
  ['slow answers', { toClient: { delay: { milliseconds: 300 } } }],
  ['no answers', { toClient: { drop: {} } }],
  ['closed, and new connections refused', { newConnections: 'Refuse', disconnect: { nonce: '1' } }],
  ['all faults lifted', { toServer: null, toClient: null, newConnections: null }],
] as const;

/** Commands to try in another terminal, for kubectl where it is installed. */
export function hints(gate: string, hasKubectl: boolean): string[] {
  const command = hasKubectl ? 'kubectl' : 'npx chaosgate';
  return [
    ...(hasKubectl ? [] : ['kubectl is not installed. You can use "npx chaosgate" instead.']),
    'Try in another terminal:',
    ...PATCHES.map(([what, spec]) => {
      const patch = JSON.stringify({ spec });
      return `  ${command} patch tg ${gate} --type merge -p '${patch}'  # ${what}`;
    }),
    `  ${command} get tg ${gate} -w`,
  ];
}

/** Whether PATH leads to a program of that name. */
export function isInstalled(program: string, path: string = process.env.PATH ?? ''): boolean {
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program];
  return path
    .split(delimiter)
    .some((folder) => folder !== '' && names.some((name) => existsSync(join(folder, name))));
}
