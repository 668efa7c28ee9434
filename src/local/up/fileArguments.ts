/**
 * The files and folders that values of `-f` name; as for kubectl, one value may name several, with commas in between.
 * Throws an `Error` for people when one cannot be meant.
 */
export function fileArguments(values: readonly string[]): string[] {
  return values.flatMap(parts).map((path) => {
    if (path === '')
      throw new Error('-f needs a file, a folder, or - for standard input, but got ""');
    if (/^https?:\/\//.test(path)) {
      throw new Error(`-f does not read URLs. Pipe it in:  curl -fsSL ${path} | ... -f -`);
    }
    return path;
  });
}

/** A URL may have commas of its own. */
function parts(value: string): string[] {
  return /^https?:\/\//.test(value) ? [value] : value.split(',');
}
