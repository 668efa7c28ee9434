import { expect, test } from 'vitest';
import type { Figure } from '../../../bench/figure.ts';
import { format } from '../../../bench/report/format.ts';
import { markdown } from '../../../bench/report/markdown.ts';
import { barChart, lineChart } from '../../../bench/report/svg.ts';
import { merge, type Results } from '../../../bench/results.ts';

const machine = { processor: 'P', cores: 2, memoryBytes: 2 ** 34, kernel: '6.1', programs: {} };
const machines = { '2026-01-01': machine };

const throughput: Figure = {
  name: 'throughput-1',
  title: 'Throughput, 1 connection',
  unit: 'B/s',
  better: 'higher',
  date: '2026-01-01',
  samples: { chaosgate: [1.2e9], toxiproxy: [0.6e9] },
};

test.each([
  [1_234_000_000, 'B/s', '1.23 GB/s'],
  [0.000_045_6, 's', '45.6 µs'],
  [0, 'B', '0 B'],
  [0.25, 'ratio', '0.25'],
  [12_345.6, '/s', '12,346 /s'],
] as const)('%d %s reads %s', (value, unit, expected) => {
  expect(format(value, unit)).toBe(expected);
});

test('the report has the ratio, the goal and whether it is met in one row', () => {
  const text = markdown({ machines, figures: [throughput] });
  expect(text).toContain(
    '| Throughput, 1 connection, to Toxiproxy | 2.00 ± 0 % | at least 1.50 | met | 1 |',
  );
  expect(text).toContain('| Throughput, 1 connection | 1.20 GB/s ± 0 % | 600 MB/s ± 0 % |');
});

test('bars are as long as their medians, and whiskers reach from quartile to quartile', () => {
  const bar = { isOurs: false, text: '', label: 'a' };
  const svg = barChart([
    {
      title: 'T',
      bars: [
        { ...bar, low: 90, median: 95, high: 100 },
        { ...bar, low: 47.5, median: 47.5, high: 47.5 },
      ],
    },
  ]);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
  expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(2, 1);
  expect(svg).toMatch(/class="whisker" d="M551 \d+H600"/);
});

test('the axis of a line begins at 0, so that what is flat looks flat', () => {
  const point = (at: number, median: number) => ({ at, low: median, median, high: median });
  const svg = lineChart(
    'T',
    [{ label: 'a', isOurs: true, points: [point(10, 100), point(100, 100)] }],
    String,
  );
  const heights = [...svg.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(heights[0]).toBe(heights[1]);
  expect(svg).toContain('>0</text>');
});

test('text of a chart cannot break it', () => {
  expect(barChart([{ title: 'a < b & c', bars: [] }])).toContain('a &lt; b &amp; c');
});

const again = { ...throughput, date: '2026-02-02' };
const later = { '2026-02-02': { ...machine, processor: 'Q' } };

test('figures that were measured again replace the old ones, and the others stay', () => {
  const old: Results = { machines, figures: [throughput, { ...throughput, name: 'connects' }] };
  const merged = merge(old, { machines: later, figures: [again] });
  expect(merged.figures.map(({ name, date }) => [name, date])).toEqual([
    ['throughput-1', '2026-02-02'],
    ['connects', '2026-01-01'],
  ]);
  const text = markdown(merged);
  expect(text).toContain('- 2026-01-01: 2 cores of P, 16 GiB');
  expect(text).toContain('- 2026-02-02: 2 cores of Q, 16 GiB');
  expect(text).toMatch(/## Throughput without faults[^#]*Measured on 2026-02-02\./);
  expect(text).toMatch(/## New connections[^#]*Measured on 2026-01-01\./);
});

test('the machine of a day goes with its last figure', () => {
  const merged = merge({ machines, figures: [throughput] }, { machines: later, figures: [again] });
  expect(Object.keys(merged.machines)).toEqual(['2026-02-02']);
  expect(markdown(merged)).toContain('Machine: 2 cores of Q, 16 GiB');
  expect(markdown(merged)).not.toContain('Measured on');
});
