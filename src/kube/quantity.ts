/** Powers of ten and of 1024 (k8s.io/apimachinery, api/resource/suffix.go). */
const DECIMAL = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?$/;

/** Whether both are the same Kubernetes quantity: the API server gives "0.5" back as "500m". */
export function isSameQuantity(a: unknown, b: unknown): boolean {
  const amount = amountOf(a);
  return amount !== undefined && amount === amountOf(b);
}

/** The number that a Kubernetes quantity stands for, such as 67108864 for `64Mi`; undefined for what is none. */
export function amountOf(value: unknown): number | undefined {
  const [, digits, suffix = ''] = FORM.exec(String(value)) ?? [];
  if (digits === undefined) return undefined;
  if (suffix in BINARY) return Number(digits) * 1024 ** BINARY[suffix as keyof typeof BINARY];
  if (suffix in DECIMAL) return Number(`${digits}e${DECIMAL[suffix as keyof typeof DECIMAL]}`);
  return Number(`${digits}${suffix}`);
}
