import { GROUP, KIND, PLURAL } from '../../api/names.ts';
import { UsageError } from './usageError.ts';

const WORDS = ['tg', PLURAL, KIND.toLowerCase(), `${PLURAL}.${GROUP}`];

/** What messages call a gate. */
export function named(name: string): string {
  return `${KIND.toLowerCase()}.${GROUP}/${name}`;
}

/** What the words after a command name. */
export interface Arguments {
  readonly names: readonly string[];
  /** `tg/NAME`, and not `tg NAME`. */
  readonly areCombined: boolean;
}

/**
 * Names out of `tg`, `tg NAME...` or `tg/NAME...`; none means all. There is no other resource here.
 * Throws a `UsageError`.
 */
export function namesIn([first = '', ...rest]: readonly string[]): Arguments {
  const all = [first, ...rest];
  if (!all.some((arg) => arg.includes('/'))) {
    checkWord(first);
    return { names: rest, areCombined: false };
  }
  if (!all.every((arg) => arg.includes('/'))) {
    throw new UsageError(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'chaosgate get resource/<resource_name>' instead of 'chaosgate get resource resource/<resource_name>'",
    );
  }
  return { names: all.map(nameIn), areCombined: true };
}

function nameIn(arg: string): string {
  const [word = '', name = '', ...more] = arg.split('/');
  if (more.length > 0) {
    throw new UsageError('arguments in resource/name form may not have more than one slash');
  }
  if (word === '' || name === '') {
    throw new UsageError('arguments in resource/name form must have a single resource and name');
  }
  checkWord(word);
  return name;
}

function checkWord(word: string): void {
  if (WORDS.includes(word.toLowerCase())) return;
  throw new UsageError(`the only resource here is tg (${PLURAL}), not "${word}"`);
}
