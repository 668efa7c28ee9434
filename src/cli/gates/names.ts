import { GROUP, KIND, PLURAL } from '../../api/names.ts';
import { UsageError } from './usageError.ts';

const WORDS = ['tg', PLURAL, KIND.toLowerCase(), `${PLURAL}.${GROUP}`];

/** What messages call a gate. */
export function named(name: string): string {
  return `${KIND.toLowerCase()}.${GROUP}/${name}`;
}

/**
 * Names out of `tg`, `tg NAME...` or `tg/NAME...`; none means all. There is no other resource here.
 * Throws a `UsageError`.
 */
export function namesIn([first = '', ...rest]: readonly string[]): string[] {
  if (first.includes('/')) return [first, ...rest].map(nameIn);
  checkWord(first);
  if (rest.some((name) => name.includes('/'))) {
    throw new UsageError(`give names either as tg/NAME or after "tg", and not both`);
  }
  return rest;
}

function nameIn(arg: string): string {
  const [word = '', name = '', ...more] = arg.split('/');
  checkWord(word);
  if (name === '' || more.length > 0) throw new UsageError(`"${arg}" is no tg/NAME`);
  return name;
}

function checkWord(word: string): void {
  if (WORDS.includes(word)) return;
  throw new UsageError(`the only resource here is tg (${PLURAL}), and not "${word}"`);
}
