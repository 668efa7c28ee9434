import { KubeApiError, KubeConnectionError } from '../../kube/errors.ts';
import { type Connection, connect } from './connect.ts';

/** Runs one command against the API and leaves with 0, or with 1 and kubectl's words for what is wrong. */
export async function run(command: (connection: Connection) => Promise<void>): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = await connect();
    await command(connection);
  } catch (error) {
    sayError(error);
  } finally {
    await connection?.kube.close();
  }
}

/** Says what is wrong and goes on; the process leaves with 1 in the end. */
export function sayError(error: unknown): void {
  process.stderr.write(`${textOf(error)}\n`);
  process.exitCode = 1;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function textOf(error: unknown): string {
  if (error instanceof KubeApiError) {
    const { reason, message } = error;
    if (reason !== 'Invalid') return `Error from server (${reason || error.status}): ${message}`;
    return message.replace(/^(\w+)[\w.-]* (".*?" is invalid)/, 'The $1 $2');
  }
  if (error instanceof KubeConnectionError) {
    return `Unable to connect to the server: ${error.message}. Does "chaosgate up" run, or your cluster?`;
  }
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}
