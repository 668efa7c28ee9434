import { sayError } from '../../observe/say.ts';
import { type Connection, connect } from './connect.ts';
import { errorText } from './errorText.ts';

/** Runs one command against the API and leaves with 0, or with 1 and kubectl's words for what is wrong. */
export async function run(command: (connection: Connection) => Promise<void>): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = await connect();
    await command(connection);
  } catch (error) {
    sayError(errorText(error));
    process.exitCode = 1;
  } finally {
    await connection?.kube.close();
  }
}
