import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../files/atomicFile.ts';
import { fileProblem } from '../files/fileProblem.ts';
import type { JsonObject } from '../json/json.ts';
import { isObject } from '../json/json.ts';

const VERSION = 1;

/** The state of an earlier start cannot be used. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

/**
 * The gates in a state file; none when there is no such file. Rejects with a `StateFileError` when there is something
 * else in it: it is left alone, so that nothing is lost by starting with the wrong name.
 */
export async function readState(path: string): Promise<JsonObject[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new StateFileError(`Cannot read ${path}: ${fileProblem(error)}`, { cause: error });
  }
  const state = parse(path, text);
  if (!isObject(state) || state.version !== VERSION || !Array.isArray(state.gates)) {
    throw new StateFileError(`${path} is not a state file of this version of chaosgate`);
  }
  return (state.gates as unknown[]).filter(isObject);
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StateFileError(`${path} is not a state file: ${reasonOf(error)}`, { cause: error });
  }
}

/** Keeps gates in a file; for `persist`. Rejects with a `StateFileError` that names the file and what is wrong. */
export function stateWriter(path: string): (gates: readonly JsonObject[]) => Promise<void> {
  return async (gates) => {
    try {
      await writeAtomically(path, `${JSON.stringify({ version: VERSION, gates }, null, 2)}\n`);
    } catch (error) {
      throw new StateFileError(`Cannot write ${path}: ${fileProblem(error)}`, {
        cause: error,
      });
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
