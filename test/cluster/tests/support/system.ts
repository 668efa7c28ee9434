import { kubectl } from './kubectl.ts';

/** Where the chart under test is installed, see `install.ts`. */
export const SYSTEM = 'chaosgate-system';
const OPERATOR = 'deployment/chaosgate';

export async function scaleOperator(replicas: number): Promise<void> {
  await kubectl(['-n', SYSTEM, 'scale', OPERATOR, `--replicas=${replicas}`]);
  await kubectl(['-n', SYSTEM, 'rollout', 'status', OPERATOR, '--timeout=120s']);
  // A pod that is leaving may still hold the lease.
  if (replicas === 0) {
    await kubectl([
      ...['-n', SYSTEM, 'wait', 'pod', '-l', 'app.kubernetes.io/component=operator'],
      ...['--for=delete', '--timeout=60s'],
    ]);
  }
}

/** Name of the operator's pod that holds the lease. */
export async function leader(): Promise<string> {
  const holder = await kubectl([
    ...['-n', SYSTEM, 'get', 'lease', 'chaosgate-operator'],
    ...['-o', 'jsonpath={.spec.holderIdentity}'],
  ]);
  return holder.split('/')[0] ?? '';
}
