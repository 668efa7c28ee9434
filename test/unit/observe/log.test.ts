import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const LOG = join(import.meta.dirname, '../../../src/observe/log.ts');

function program(script: string): string[] {
  const source = `import { createLog } from ${JSON.stringify(LOG)}; const log = createLog('info'); ${script}`;
  return ['--input-type=module', '--eval', source];
}

async function linesOf(script: string): Promise<Record<string, unknown>[]> {
  const output = await text(spawn(process.execPath, program(script)).stdout);
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a process ends only when its last words are written', async () => {
  const lines = await linesOf(`
    for (let n = 0; n < 100; n += 1) log.info({ n }, 'Did something');
    log.fatal('Gave up');
    process.exit(1);
  `);
  expect(lines.map(({ n, msg }) => n ?? msg)).toEqual([...Array(100).keys(), 'Gave up']);
});

test('a reader that stalls holds up neither the process nor its end', async () => {
  const args = program(`
    for (let n = 0; n < 20_000; n += 1) log.info({ n }, \`Message \${n % 1000}\`);
    setTimeout(() => process.exit(7), 300);
  `);
  // A pipe, as a kubelet gives it. Its other end is open until our standard input ends, and nobody reads from it.
  const script = '{ { "$0" "$@"; echo "ended with $?" >&2; } | { read -r _ <&3; }; } 3<&0';
  const shell = spawn('sh', ['-c', script, process.execPath, ...args]);
  const [said] = await once(shell.stderr, 'data');
  shell.stdin.end();
  expect(String(said)).toBe('ended with 7\n');
});

test('a message that comes too often is left out, others are not, and the log says how many were', async () => {
  const lines = await linesOf(`
    for (let n = 0; n < 1_000; n += 1) log.warn({ n }, 'A stranger came');
    log.info('All is well');
    setTimeout(() => {}, 1_500);
  `);
  const count = (message: string) => lines.filter(({ msg }) => msg === message).length;
  expect(count('All is well')).toBe(1);
  const written = count('A stranger came');
  expect(written).toBeGreaterThanOrEqual(200);
  expect(written).toBeLessThan(300);
  expect(lines.at(-1)).toMatchObject({
    msg: 'Left out log lines',
    message: 'A stranger came',
    omitted: 1_000 - written,
  });
});
