import { type Connection, connect } from './connect.ts';
import { errorText } from './errorText.ts';

/** Runs one command against the API and leaves with 0, or with 1 and kubectl's words for what is wrong. */
export async function run(command: (connection: Connection) => Promise<void>): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = await connect();
    await command(connection);
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    process.exitCode = 1;
  } finally {
    await connection?.kube.close();
  }
}

export function say(line: string): void {
  write(`${line}\n`);
}

export function write(text: string): void {
  process.stdout.write(text);
}
