/** No cluster is available here; `missing` lists every unmet need, one sentence each. */
export class NoClusterError extends Error {
  override readonly name = 'NoClusterError';
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(
      `No cluster is available on this machine:\n${missing.map((need) => `  - ${need}`).join('\n')}`,
    );
    this.missing = missing;
  }
}

/** A program ended with an error; the message carries the end of what it printed. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number | undefined;

  constructor(
    command: readonly string[],
    how: string,
    exitCode: number | undefined,
    output: string,
  ) {
    super(`${command.join(' ')} ${how}${output === '' ? '' : `:\n${output}`}`);
    this.exitCode = exitCode;
  }
}
