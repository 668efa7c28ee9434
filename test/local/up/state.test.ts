/** Gates of `chaosgate up --state` over the ends of the process, and over a full disk. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestServer } from '../../gate/support/server.ts';
import { withFullDisk } from '../support/fullDisk.ts';
import { aFolder, aGate, Chaosgate, portIn, startUp } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };

test('gates, what was patched and where they listen survive a restart', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json'];
  const first = await startUp({ home, args, gates: aGate('file', { upstream }) });
  await first.kubectl.pipe(aGate('own', { upstream }), 'create', '-f', '-');
  const patch = '{"spec":{"toClient":{"drop":{}},"disconnect":{"nonce":"7"}}}';
  await first.kubectl.run('patch', 'tg', 'file', '--type=merge', '-p', patch);
  const isPatched = ({ faults }: { faults?: string }) => faults === 'toClient drop';
  const before = [
    await first.up.untilGate('file', isPatched),
    await first.up.untilReady('own'),
  ].map(({ listen, name }) => ({ listen, name }));
  const events = ['get', 'events', '--field-selector=reason=Disconnected', '-o', 'name'];
  await first.kubectl.run('wait', '--for=create', 'events', '--field-selector=reason=Disconnected');
  expect(await first.up.stop()).toBe(0);

  const second = await startUp({ home, args, gates: aGate('file', { upstream }) });
  expect(await second.up.untilGate('file', (gate) => gate.ready === true)).toMatchObject({
    ...before[0],
    faults: 'toClient drop',
  });
  expect(await second.up.untilReady('own')).toMatchObject(before[1] ?? {});
  // The disconnect was run in an earlier life.
  expect(await second.kubectl.run(...events)).toBe('');
});

test('faults with a duration go on with what is left of it, also when that is nothing', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json'];
  const drop = { toClient: { drop: {} } };
  const long = aGate('long', { upstream, ...drop, durationSeconds: 600 });
  const first = await startUp({ home, args, gates: long });
  await first.kubectl.pipe(
    aGate('short', { upstream, ...drop, durationSeconds: 1 }),
    ...['create', '-f', '-'],
  );
  await first.up.untilGate('short', ({ faults }) => faults === 'none (ended: toClient drop)');
  const { faultsEndTime } = await first.up.untilGate('long', (gate) => gate.faultsEndTime !== '');
  expect(await first.up.stop()).toBe(0);

  const second = await startUp({ home, args, gates: long });
  expect(await second.up.untilReady('long')).toMatchObject({ faults: 'toClient drop' });
  const after = await second.up.untilGate('long', (gate) => gate.faultsEndTime !== '');
  // It is told in whole seconds.
  const moved = Date.parse(String(after.faultsEndTime)) - Date.parse(String(faultsEndTime));
  expect(Math.abs(moved)).toBeLessThanOrEqual(1_000);
  expect(await second.up.untilReady('short')).toMatchObject({
    faults: 'none (ended: toClient drop)',
  });
});

test('without --state they go with the process', async () => {
  const home = await aFolder();
  const first = await startUp({ home });
  await first.kubectl.pipe(aGate('own', { upstream }), 'create', '-f', '-');
  await first.up.untilReady('own');
  await first.up.stop();
  const second = await startUp({ home });
  expect(await second.kubectl.run('get', 'tg', '-o', 'name')).toBe('');
});

test('a process that is killed leaves all that it said yes to', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json'];
  const first = await startUp({ home, args });
  await first.kubectl.pipe(aGate('own', { upstream }), 'create', '-f', '-');
  for (let milliseconds = 1; milliseconds <= 5; milliseconds += 1) {
    const patch = JSON.stringify({ spec: { toServer: { delay: { milliseconds } } } });
    await first.kubectl.run('patch', 'tg', 'own', '--type=merge', '-p', patch);
  }
  expect(await first.up.stop('SIGKILL')).toBe('SIGKILL');
  // Kubeconfig and state are left behind, and nobody serves them any more.
  const second = await startUp({ home, args });
  const { faults } = await second.up.untilReady('own');
  expect(faults).toBe('toServer delay 5ms');
});

test('a gate gets another port after a restart when its own is taken, and says so', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json'];
  const first = await startUp({ home, args, gates: aGate('db', { upstream }) });
  const port = portIn(await first.up.untilReady('db'));
  await first.up.stop();
  await TestServer.listen({ port });
  const second = await startUp({ home, args, gates: aGate('db', { upstream }) });
  expect(portIn(await second.up.untilReady('db'))).not.toBe(port);
});

test('a full disk refuses a change, and loses nothing', async () => {
  const { up, kubectl, home } = await startUp({ args: ['--state', 'state.json'] });
  await kubectl.pipe(aGate('own', { upstream }), 'create', '-f', '-');
  const { listen } = await up.untilReady('own');
  const state = join(home, 'state.json');
  const kept = async () => await readFile(state, 'utf8');
  await expect.poll(kept).toContain(`"address": "${listen}"`);
  const before = await kept();
  const patch = ['patch', 'tg', 'own', '--type=merge', '-p', '{"spec":{"toClient":{"drop":{}}}}'];
  const refused = await withFullDisk(up.process.pid, () => kubectl.attempt(patch));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/nothing was changed.*state\.json.*(too large|no space left)/);
  expect(await kept()).toBe(before);
  expect(up.gate('own')).toMatchObject({ ready: true, faults: 'none' });
  await kubectl.run(...patch);
  await up.untilGate('own', ({ faults }) => faults === 'toClient drop');
  expect(await kept()).toContain('drop');
});

test('a gate that is no longer valid is skipped, reported, and kept in the file', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json'];
  const first = await startUp({ home, args });
  await first.kubectl.pipe(aGate('good', { upstream }), 'create', '-f', '-');
  await first.up.stop();
  const state = join(home, 'state.json');
  const { version, gates } = JSON.parse(await readFile(state, 'utf8'));
  const bad = { ...gates[0], metadata: { ...gates[0].metadata, name: 'bad' }, spec: {} };
  await writeFile(state, JSON.stringify({ version, gates: [...gates, bad] }));

  const second = await startUp({ home, args });
  await second.up.untilReady('good');
  expect(second.up.stderr).toMatch(
    /default\/bad is no longer valid.*spec: .*spec\.upstream is required/,
  );
  await second.kubectl.run('patch', 'tg', 'good', '--type=merge', '-p', '{"spec":{"seed":7}}');
  const names = async () =>
    JSON.parse(await readFile(state, 'utf8')).gates.map((gate: typeof bad) => gate.metadata.name);
  expect(await names()).toEqual(['good', 'bad']);
});

test('a file that is something else is left alone', async () => {
  const home = await aFolder();
  const state = join(home, 'notes.txt');
  await writeFile(state, 'Dear diary');
  const process = new Chaosgate(['up', '--state', state], { home });
  expect(await process.exit()).toBe(1);
  expect(process.stderr).toContain('notes.txt is not a state file');
  expect(await readFile(state, 'utf8')).toBe('Dear diary');
});
