import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FigureInfo } from './measures/measure.ts';
import type { PeerName } from './peers/peer.ts';

/** What was measured of one figure. */
export interface Figure extends FigureInfo {
  /** Day on which it was measured (ISO 8601). */
  readonly date: string;
  /** One number per round, by peer; the same place is the same round. */
  readonly samples: Readonly<Partial<Record<PeerName, readonly number[]>>>;
}

/** Where figures come from. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Versions by name. */
  readonly programs: Readonly<Record<string, string>>;
}

export interface Results {
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

/** Figures that were measured again take the place of the old ones; their machine is the newer one's. */
export function merge(old: Results | undefined, { machine, figures }: Results): Results {
  const before = old?.figures ?? [];
  const again = new Map(figures.map((figure) => [figure.name, figure]));
  const known = new Set(before.map(({ name }) => name));
  return {
    machine,
    figures: [
      ...before.map((figure) => again.get(figure.name) ?? figure),
      ...figures.filter(({ name }) => !known.has(name)),
    ],
  };
}

/** undefined when there is no such file. */
export async function readResults(path: string): Promise<Results | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeResults(path: string, results: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(results, undefined, 1)}\n`);
}
