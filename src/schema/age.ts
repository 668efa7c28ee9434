const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/**
 * How long ago, as kubectl's tables put it: two units while that says something (`5m30s` up to ten minutes, `3h20m` up
 * to eight hours, `2d5h` up to eight days), else one (k8s.io/apimachinery, HumanDuration).
 */
export function ageText(since: string, now: number): string {
  const then = Date.parse(since);
  if (Number.isNaN(then)) return '<unknown>';
  const seconds = Math.floor((now - then) / 1_000);
  // A clock that is a little off must not say that something comes from the future.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 600) return parts(seconds, 'm', 's');
  if (seconds < 10_800) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 28_800) return parts(seconds, 'h', 'm');
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`;
  if (seconds < 691_200) return parts(seconds, 'd', 'h');
  if (seconds < 2 * 365 * 86_400) return `${Math.floor(seconds / 86_400)}d`;
  const years = Math.floor(seconds / (365 * 86_400));
  const days = Math.floor(seconds / 86_400) % 365;
  return years < 8 && days > 0 ? `${years}y${days}d` : `${years}y`;
}

function parts(seconds: number, large: string, small: string): string {
  const [, largeSeconds] = UNITS.find(([unit]) => unit === large) ?? ['', 1];
  const [, smallSeconds] = UNITS.find(([unit]) => unit === small) ?? ['', 1];
  const rest = Math.floor((seconds % largeSeconds) / smallSeconds);
  const whole = `${Math.floor(seconds / largeSeconds)}${large}`;
  return rest === 0 ? whole : `${whole}${rest}${small}`;
}
