import type { WriteStream } from 'node:tty';
import { describe, expect, test } from 'vitest';
import { Rates, rateText } from '../../../../src/local/up/rates.ts';
import type { Row } from '../../../../src/local/up/rows.ts';
import { Screen } from '../../../../src/local/up/screen.ts';
import { Columns, cellsOf } from '../../../../src/local/up/table.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

const row: Row = {
  key: 'default/postgres',
  generation: 1,
  ready: true,
  programmed: true,
  message: '',
  listen: '127.0.0.1:6432',
  upstream: '127.0.0.1:5432',
  upstreamReachable: 'True',
  upstreamMessage: '',
  newConnections: 'Accept',
  faults: 'toClient delay 300ms',
  faultsEndTime: '',
  connections: { active: 4, accepted: 9 },
};

test.each([
  [0, '0 B/s'],
  [999.4, '999 B/s'],
  [999.6, '1.0 kB/s'],
  [1_234, '1.2 kB/s'],
  [9_960, '10 kB/s'],
  [88_000, '88 kB/s'],
  [999_499, '999 kB/s'],
  [1_500_000, '1.5 MB/s'],
  [2e12, '2000 GB/s'],
])('%d bytes per second are %s', (bytes, text) => {
  expect(rateText(bytes)).toBe(text);
});

describe('a rate', () => {
  test('is taken over the last two seconds', () => {
    const rates = new Rates();
    const at = (toServer: number, now: number) => rates.rate('a', { toServer, toClient: 0 }, now);
    expect(at(1_000, 0).toServer).toBe(0);
    expect(at(2_000, 1_000).toServer).toBe(1_000);
    expect(at(2_000, 2_000).toServer).toBe(500);
    expect(at(2_000, 3_500).toServer).toBe(0);
  });

  test('does not see what its source counts later in the same object', () => {
    const rates = new Rates();
    const traffic = { toServer: 0, toClient: 0 };
    rates.rate('a', traffic, 0);
    traffic.toServer = 500;
    expect(rates.rate('a', traffic, 1_000).toServer).toBe(500);
  });

  test('is not below 0 when a gate starts over', () => {
    const rates = new Rates();
    rates.rate('a', { toServer: 500, toClient: 5 }, 0);
    expect(rates.rate('a', { toServer: 0, toClient: 0 }, 500)).toEqual({
      toServer: 0,
      toClient: 0,
    });
    expect(rates.rate('a', undefined, 600)).toEqual({ toServer: 0, toClient: 0 });
  });
});

describe('the table', () => {
  const cells = cellsOf(row, { toServer: 1_200, toClient: 88_000 }, NOW);

  test('is as the README has it', () => {
    const columns = new Columns();
    columns.fit([cells]);
    expect([columns.head, columns.line(cells)]).toEqual([
      'NAME       LISTEN           UPSTREAM         NEW CONNECTIONS   FAULTS                 CONNS   IN         OUT',
      'postgres   127.0.0.1:6432   127.0.0.1:5432   Accept            toClient delay 300ms   4       1.2 kB/s   88 kB/s',
    ]);
  });

  test('says how long faults last yet', () => {
    const ending = { ...row, faultsEndTime: '2026-01-02T03:04:57Z' };
    const [, , , , faults] = cellsOf(ending, { toServer: 0, toClient: 0 }, NOW);
    expect(faults).toBe('toClient delay 300ms (52s left)');
    const [, , , , over] = cellsOf(ending, { toServer: 0, toClient: 0 }, NOW + 60_000);
    expect(over).toBe('toClient delay 300ms (0s left)');
  });

  test('moves together on a narrow terminal, and names namespaces but the default', () => {
    const columns = new Columns();
    const staging = cellsOf(
      { ...row, key: 'staging/db', listen: '' },
      { toServer: 0, toClient: 0 },
      NOW,
    );
    columns.fit([staging]);
    columns.narrow(80);
    expect(columns.line(staging)).toBe(
      'staging/db -      127.0.0.1:5432 Accept          toClient delay 300ms 4     0 B/s 0 B/s',
    );
  });
});

describe('the screen', () => {
  function screenOf(size: { columns: number; rows: number }) {
    let written = '';
    const terminal = {
      ...size,
      write: (text: string) => {
        written += text;
        return true;
      },
    };
    const screen = new Screen(terminal as unknown as WriteStream);
    const draw = (...lines: string[]) => {
      written = '';
      screen.draw(lines);
      return written;
    };
    return { screen, draw };
  }

  test('replaces exactly what it drew before', () => {
    const { draw } = screenOf({ columns: 80, rows: 24 });
    expect(draw('a', 'b')).toBe('a\nb\n');
    expect(draw('c')).toBe('\x1b[2F\x1b[Jc\n');
    expect(draw('d')).toBe('\x1b[1F\x1b[Jd\n');
  });

  test('cuts what has no room: a line that wraps could not be counted', () => {
    const { draw } = screenOf({ columns: 3, rows: 3 });
    expect(draw('abcdef', 'b', 'c')).toBe('abc\nb\n');
  });

  test('is steered by nothing in a line', () => {
    const { draw } = screenOf({ columns: 40, rows: 24 });
    expect(draw('a\x1b[2Jb\nc')).toBe('a\\u001b[2Jb\\nc\n');
  });

  test('makes do with a terminal that does not know its size', () => {
    const { draw, screen } = screenOf({ columns: 0, rows: 0 });
    expect(screen.width).toBe(80);
    expect(draw('a', 'b')).toBe('a\nb\n');
  });
});
