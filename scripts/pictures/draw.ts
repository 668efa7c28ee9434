import { COURSE, type Recording, type Track } from './record.ts';

const WIDTH = 760;
const HEIGHT = 330;
const PLOT = { left: 64, right: 744, top: 74, bottom: 252 };
const LANES = { sender: 48, receiver: 278 };
const AXIS = 312;
const TICK = 7;

/** Each has a contrast of more than 3 to 1 with white and with the dark of GitHub. */
const COLORS = {
  sent: '#3b82f6',
  received: '#d97706',
  changed: '#db2777',
  reset: '#e5484d',
  quiet: '#7d8590',
};

interface Captions {
  readonly title: string;
  /** The text of the fault in `kubectl get`. */
  readonly fault: string;
  readonly sender: string;
  readonly receiver: string;
  readonly stamp: string;
}

/** A picture of a recording. Its layout is the same for all, so that they can be compared. */
export function draw(recording: Recording, captions: Captions): string {
  const { sender, receiver, finSentAt } = recording;
  const sentTotal = COURSE.messages.length * COURSE.messageBytes;
  const y = (bytes: number) => PLOT.bottom - (bytes / sentTotal) * (PLOT.bottom - PLOT.top - 10);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12">`,
    `<title>${escaped(captions.title)}</title>`,
    `<metadata>${captions.stamp}</metadata>`,
    ...band(recording, captions.fault),
    ...axes(y),
    line(sender, y, { color: COLORS.sent, width: 1.5, until: finSentAt }),
    line(receiver, y, { color: COLORS.received, width: 2.5 }),
    label(PLOT.left, LANES.sender - 14, `${captions.sender} sends`, COLORS.sent),
    ...lane(sender, LANES.sender, COLORS.sent),
    ...(finSentAt === undefined ? [] : sentFin(finSentAt)),
    label(PLOT.left, LANES.receiver + 22, `${captions.receiver} receives`, COLORS.received),
    ...(receiver.runs.some(({ isChanged }) => isChanged) ? [changedKey()] : []),
    ...lane(receiver, LANES.receiver, COLORS.received),
    '</svg>',
  ].join('\n')}\n`;
}

/** While the fault is in force. */
function band({ setAt, liftedAt }: Recording, fault: string): string[] {
  const [from, to] = [x(setAt), x(liftedAt)];
  return [
    `<rect x="${from}" y="${LANES.sender - 10}" width="${round(to - from)}" height="${LANES.receiver - LANES.sender + 20}" fill="${COLORS.quiet}" fill-opacity="0.16"/>`,
    `<text x="${round((from + to) / 2)}" y="20" text-anchor="middle" font-weight="600" fill="${COLORS.quiet}">${escaped(fault)}</text>`,
    `<path d="M${from} 26V30H${to}V26" fill="none" stroke="${COLORS.quiet}"/>`,
  ];
}

function axes(y: (bytes: number) => number): string[] {
  const sizes = [0, 500, 1_000, 1_500, 2_000].flatMap((bytes) => [
    `<path d="M${PLOT.left} ${round(y(bytes))}H${PLOT.right}" stroke="${COLORS.quiet}" stroke-opacity="0.3"/>`,
    label(
      PLOT.left - 8,
      y(bytes) + 4,
      bytes === 2_000 ? '2000 B' : `${bytes}`,
      COLORS.quiet,
      'end',
    ),
  ]);
  const times = [0, 500, 1_000, 1_500, 2_000, 2_500].map((at) =>
    label(x(at), AXIS + 12, at === 2_500 ? '2500 ms' : `${at}`, COLORS.quiet, 'middle'),
  );
  return [...sizes, ...times];
}

/** Bytes so far over time: a step for each write or read. */
function line(
  track: Track,
  y: (bytes: number) => number,
  { color, width, until }: { color: string; width: number; until?: number | undefined },
): string {
  let bytes = 0;
  const path = track.runs.map((run) => {
    bytes += run.bytes;
    return `H${x(run.at)}V${round(y(bytes))}`;
  });
  const end = track.closed?.at ?? until ?? COURSE.end;
  return `<path d="M${x(0)} ${round(y(0))}${path.join('')}H${x(end)}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"/>`;
}

/** Each write or read, and how the connection ended for this end. */
function lane({ runs, closed }: Track, at: number, color: string): string[] {
  const end = closed?.at ?? COURSE.end;
  const rail = `<path d="M${PLOT.left} ${at}H${x(end)}" stroke="${color}" stroke-opacity="0.5"/>`;
  const ticks = runs.map(
    (run) =>
      `<path d="M${x(run.at)} ${at - TICK}v${2 * TICK}" stroke="${run.isChanged ? COLORS.changed : color}" stroke-width="${run.isChanged ? 4 : 2}"/>`,
  );
  return [rail, ...ticks, ...(closed === undefined ? [] : mark(closed, at, color))];
}

function mark({ how, at }: NonNullable<Track['closed']>, lane: number, color: string): string[] {
  const center = x(at);
  if (how === 'FIN') {
    return [
      `<circle cx="${center}" cy="${lane}" r="5" fill="${color}"/>`,
      label(center + 9, lane + 4, 'FIN', color),
    ];
  }
  return [
    `<path d="M${round(center - 5)} ${lane - 5}l10 10m0 -10l-10 10" stroke="${COLORS.reset}" stroke-width="2.5"/>`,
    label(center + 9, lane + 4, 'RST', COLORS.reset),
  ];
}

function changedKey(): string {
  return label(PLOT.left + 130, LANES.receiver + 22, 'pink: not what was sent', COLORS.changed);
}

function sentFin(at: number): string[] {
  return [
    `<circle cx="${x(at)}" cy="${LANES.sender}" r="4.5" fill="none" stroke="${COLORS.sent}" stroke-width="1.5"/>`,
    label(x(at) + 9, LANES.sender - 6, 'sends FIN', COLORS.sent),
  ];
}

function label(left: number, base: number, text: string, color: string, anchor = 'start'): string {
  return `<text x="${round(left)}" y="${round(base)}" text-anchor="${anchor}" fill="${color}">${escaped(text)}</text>`;
}

function x(at: number): number {
  return round(PLOT.left + (at / COURSE.end) * (PLOT.right - PLOT.left));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
