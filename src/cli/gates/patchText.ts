import { readFileSync } from 'node:fs';
import { fileProblem } from '../../files/fileProblem.ts';
import type { Json } from '../../json/json.ts';
import { parseYaml } from '../../yaml/read.ts';
import { YamlError } from '../../yaml/yamlError.ts';
import { UsageError } from './usageError.ts';

export interface PatchSource {
  readonly patch?: string;
  readonly patchFile?: string;
}

/** The patch that the options name, which is JSON or YAML. Throws a `UsageError`. */
export function patchOf({ patch = '', patchFile = '' }: PatchSource): Json {
  if (patch !== '' && patchFile !== '') {
    throw new UsageError('cannot specify --patch and --patch-file together');
  }
  if (patch === '' && patchFile === '') {
    throw new UsageError(
      'must specify --patch or --patch-file containing the contents of the patch',
    );
  }
  try {
    return parseYaml(patchFile === '' ? patch : contentOf(patchFile)).value as Json;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new UsageError(`cannot read the patch: ${error.message}`);
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`unable to read patch file: ${file}: ${fileProblem(error)}`);
  }
}
