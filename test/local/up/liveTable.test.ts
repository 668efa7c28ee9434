/** The table on a terminal, as what it draws leaves the screen. */
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { startLocal } from '../../../src/local/start.ts';
import { LiveTable } from '../../../src/local/up/liveTable.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { atEnd } from '../../gate/support/atEnd.ts';
import { Peer } from '../../gate/support/peer.ts';
import { TestServer } from '../../gate/support/server.ts';
import { until } from '../../gate/support/time.ts';

/** Understands lines, "up so many lines" and "away with all below". */
class Terminal {
  readonly columns = 120;
  readonly rows = 24;
  lines: string[] = [];

  write(text: string): boolean {
    const [before = '', ...rest] = text.split('\x1b[J');
    const up = rest.length === 0 ? 0 : Number.parseInt(before.replace('\x1b[', ''), 10);
    this.lines.splice(this.lines.length - up, up);
    this.lines.push(...(rest[0] ?? before).split('\n').slice(0, -1));
    return true;
  }

  async shows(pattern: RegExp): Promise<void> {
    await until(
      () => `${pattern} in\n${this.lines.join('\n')}`,
      () => this.lines.some((line) => pattern.test(line)),
    );
  }
}

test('follows gates in place: patches, connections, rates, and what is wrong', async () => {
  const local = await startLocal();
  atEnd(() => local.stop());
  const terminal = new Terminal();
  const table = new LiveTable(local, terminal as unknown as WriteStream, () => ['footer']);
  atEnd(() => table.close());
  local.store.collection('tcpgates').subscribe(() => table.changed());

  const server = await TestServer.listen({ onPeer: ({ socket }) => socket.resume() });
  const gate = {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db', namespace: 'default' },
    spec: { upstream: { host: '127.0.0.1', port: server.port } },
  };
  await local.kube.create(TCP_GATES, gate);
  await terminal.shows(/^db +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +Accept +none +0 +0 B\/s +0 B\/s$/);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(terminal.lines.join('\n'))?.[1]);
  const client = await Peer.connect(port);
  await terminal.shows(/^db .* none +1 /);
  client.send('x'.repeat(50_000));
  await terminal.shows(/^db .* none +1 +\d+(\.\d)? kB\/s +0 B\/s$/);
  const spec = { newConnections: 'Hold', toClient: { drop: {} } };
  await local.kube.mergePatch(TCP_GATES, gate.metadata, { spec });
  await terminal.shows(/^db .* Hold +toClient drop +1 /);

  const holder = await TestServer.listen();
  const taken = { spec: { listen: { port: holder.port } } };
  await local.kube.mergePatch(TCP_GATES, gate.metadata, taken);
  await terminal.shows(new RegExp(`^! db: Port ${holder.port} is already in use`));
  const problem = { file: '/f.yaml', line: 3, message: 'no' };
  table.file('/f.yaml', { problems: [problem], others: [], isKept: true, isGone: false });
  await terminal.shows(/^! \/f\.yaml:3: no$/);
  table.file('/f.yaml', { problems: [], others: [], isKept: false, isGone: false });
  await until('the problem goes', () => !terminal.lines.some((line) => line.includes('f.yaml')));
  // Head, gate, what is wrong with it, footer: however often it was drawn.
  expect(terminal.lines).toHaveLength(4);
  expect(terminal.lines[0]).toMatch(
    /^NAME +LISTEN +UPSTREAM +NEW CONNECTIONS +FAULTS +CONNS +IN +OUT$/,
  );
  expect(terminal.lines[3]).toBe('footer');
});
