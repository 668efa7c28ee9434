/** A median, and the quartiles around it. */
export interface Mark {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

interface Bar extends Mark {
  readonly label: string;
  /** Its median, for people. */
  readonly text: string;
  /** Stands out from the others. */
  readonly isOurs: boolean;
}

/** Bars of one figure, on a scale of their own. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Line {
  readonly label: string;
  readonly isOurs: boolean;
  readonly points: readonly (Mark & { readonly at: number })[];
}

const WIDTH = 720;
const LABEL_WIDTH = 110;
const VALUE_WIDTH = 120;
const BAR_HEIGHT = 18;
const ROW = 26;
const PANEL_GAP = 44;

/** Colours that can be read on white and on black. */
const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #3d444d }
.title { font-weight: 600 }
.ours { fill: #2f7fd6; stroke: #2f7fd6 }
.other { fill: #8c96a1; stroke: #8c96a1 }
.line { fill: none; stroke-width: 2 }
.whisker { stroke: #3d444d; stroke-width: 1.5 }
.axis { stroke: #8c96a1; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #d1d7e0 }
  .whisker { stroke: #d1d7e0 }
}
</style>`;

/** Horizontal bars, from 0, with a line from quartile to quartile. */
export function barChart(panels: readonly Panel[]): string {
  let y = 0;
  const parts: string[] = [];
  for (const { title, bars } of panels) {
    parts.push(text(0, y + 16, title, 'title'));
    y += ROW;
    const most = Math.max(...bars.map(({ high }) => high), Number.MIN_VALUE);
    const scale = (value: number) =>
      (Math.max(0, value) / most) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH);
    for (const { label, text: value, isOurs, low, median, high } of bars) {
      const middle = y + BAR_HEIGHT / 2;
      const [from, to] = [LABEL_WIDTH + scale(low), LABEL_WIDTH + scale(high)];
      parts.push(
        text(0, middle + 5, label),
        `<rect class="${isOurs ? 'ours' : 'other'}" x="${LABEL_WIDTH}" y="${y}" width="${round(scale(median))}" height="${BAR_HEIGHT}"/>`,
        `<path class="whisker" d="M${round(from)} ${middle}H${round(to)}"/>`,
        text(Math.max(to, LABEL_WIDTH + scale(median)) + 8, middle + 5, value),
      );
      y += ROW;
    }
    y += PANEL_GAP - ROW;
  }
  return svg(y, parts);
}

const PLOT = { left: 90, right: WIDTH - 130, top: 40, bottom: 260 } as const;

/** Lines over a logarithmic axis from few to many; the other axis begins at 0, so that flat looks flat. */
export function lineChart(
  title: string,
  lines: readonly Line[],
  format: (value: number) => string,
): string {
  const points = lines.flatMap((line) => line.points);
  const ats = [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b);
  const [first = 1, last = 10] = [ats[0], ats.at(-1)];
  const most = Math.max(...points.map(({ high }) => high), Number.MIN_VALUE) * 1.1;
  const x = (at: number) =>
    PLOT.left + (Math.log(at / first) / Math.log(last / first)) * (PLOT.right - PLOT.left);
  const y = (value: number) => PLOT.bottom - (Math.max(0, value) / most) * (PLOT.bottom - PLOT.top);
  const parts = [
    text(0, 16, title, 'title'),
    `<path class="axis" fill="none" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>`,
    ...[0, most / 2, most].map((value) =>
      text(PLOT.left - 8, y(value) + 4, format(value), '', 'end'),
    ),
    ...ats.map((at) => text(x(at), PLOT.bottom + 20, at.toLocaleString('en'), '', 'middle')),
  ];
  for (const line of lines) {
    const style = line.isOurs ? 'ours' : 'other';
    const path = line.points.map(({ at, median }) => `${round(x(at))} ${round(y(median))}`);
    parts.push(`<path class="${style} line" style="fill:none" d="M${path.join('L')}"/>`);
    for (const { at, low, median, high } of line.points) {
      parts.push(
        `<path class="whisker" d="M${round(x(at))} ${round(y(low))}V${round(y(high))}"/>`,
        `<circle class="${style}" cx="${round(x(at))}" cy="${round(y(median))}" r="3"/>`,
      );
    }
    const end = line.points.at(-1);
    if (end !== undefined) parts.push(text(x(end.at) + 10, y(end.median) + 4, line.label));
  }
  return svg(PLOT.bottom + 30, parts);
}

function svg(height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">\n${STYLE}\n${parts.join('\n')}\n</svg>\n`;
}

function text(x: number, y: number, content: string, style = '', anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${style}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
