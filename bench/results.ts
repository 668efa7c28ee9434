import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Figure } from './figure.ts';

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
  /** By the day on which figures were measured. */
  readonly machines: Readonly<Record<string, Machine>>;
  readonly figures: readonly Figure[];
}

/** Figures that were measured again take the place of the old ones, and of a day without figures the machine goes. */
export function merge(old: Results | undefined, newer: Results): Results {
  const before = old?.figures ?? [];
  const again = new Map(newer.figures.map((figure) => [figure.name, figure]));
  const known = new Set(before.map(({ name }) => name));
  const figures = [
    ...before.map((figure) => again.get(figure.name) ?? figure),
    ...newer.figures.filter(({ name }) => !known.has(name)),
  ];
  const days = new Set(figures.map(({ date }) => date));
  const machines = Object.entries({ ...old?.machines, ...newer.machines });
  return { machines: Object.fromEntries(machines.filter(([day]) => days.has(day))), figures };
}

/** This day (ISO 8601), as figures have it. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
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
