/** `chaosgate up --exit-with`: a command that runs while the gates do. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestServer } from '../../gate/support/server.ts';
import { kubectlProgram } from '../support/kubectl.ts';
import { aFolder, aGate, Chaosgate } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };

/** Runs a command with a gate `db`. */
async function startWith(command: readonly string[], gates = aGate('db', { upstream })) {
  const home = await aFolder();
  await writeFile(join(home, 'gates.yaml'), gates);
  return new Chaosgate(['up', '-f', 'gates.yaml', '--exit-with', ...command], { home });
}

test('finds its gates ready, and kubectl finds them by KUBECONFIG', async () => {
  const kubectl = await kubectlProgram();
  const up = await startWith([kubectl, 'get', 'tg', 'db', '--no-headers', '-o', 'name']);
  expect(await up.exit()).toBe(0);
  expect(up.stdout).toBe('tcpgate.chaosgate.dev/db\n');
  expect(up.stderr).toBe('');
});

test('is told where the kubeconfig is, as an absolute path', async () => {
  const up = await startWith(['sh', '-c', 'echo "$KUBECONFIG"']);
  expect(await up.exit()).toBe(0);
  expect(up.stdout).toBe(`${join(up.home, '.chaosgate/kubeconfig')}\n`);
});

test.each([0, 1, 42])('that leaves with %d makes it leave with that', async (code) => {
  const up = await startWith(['sh', '-c', `exit ${code}`]);
  expect(await up.exit()).toBe(code);
});

test('that a signal ends makes it leave as a shell would', async () => {
  const up = await startWith(['sh', '-c', 'kill -TERM $$']);
  expect(await up.exit()).toBe(128 + 15);
});

test('that does not exist is reported', async () => {
  const up = await startWith(['no-such-command']);
  expect(await up.exit()).toBe(127);
  expect(up.stderr).toBe('Command not found: no-such-command\n');
});

test('has the input and the options that come after it', async () => {
  const home = await aFolder();
  const args = ['up', '--exit-with', 'sh', '-c', 'cat; echo "$@"', 'sh', '-f', '--', '--state'];
  const up = new Chaosgate(args, { home, input: 'input\n' });
  expect(await up.exit()).toBe(0);
  expect(up.stdout).toBe('input\n-f -- --state\n');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'is handed on %s, and decides how it ends',
  async (signal) => {
    const name = signal.slice(3);
    const script = `trap 'echo got ${name}; exit 3' ${name}; echo waiting; while :; do sleep 0.05; done`;
    const up = await startWith(['sh', '-c', script]);
    await up.says(/waiting/);
    expect(await up.stop(signal)).toBe(3);
    expect(up.stdout).toBe(`waiting\ngot ${name}\n`);
  },
);

test('is not run when a gate does not become ready', async () => {
  const holder = await TestServer.listen();
  const gates = aGate('db', { upstream, listen: { port: holder.port } });
  const up = await startWith(['echo', 'never'], gates);
  await up.says(/already in use/);
  expect(await up.stop()).toBe(1);
  expect(up.stdout).toBe('');
});

test('is not run with a broken file', async () => {
  const up = await startWith(['echo', 'never'], 'nothing: here');
  expect(await up.exit()).toBe(1);
  expect(up.stdout).toBe('');
});

test('has to be named', async () => {
  const up = await startWith([]);
  expect(await up.exit()).toBe(1);
  expect(up.stderr).toContain("option '--exit-with <command...>' argument missing");
});
