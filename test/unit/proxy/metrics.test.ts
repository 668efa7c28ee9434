import { expect, test } from 'vitest';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';

const idle = { state: () => undefined, generation: () => 1 };

test('bytes and injections are there when they are asked for, and are counted once', async () => {
  const metrics = new ProxyMetrics();
  const gate = metrics.add({ namespace: 'n', gate: 'g' }, idle);
  gate.bytes?.('toServer', 3);
  gate.bytes?.('toServer', 4);
  gate.bytes?.('toClient', 5);
  gate.injected?.('toServer', 'delay');
  await metrics.registry.metrics();
  gate.bytes?.('toServer', 1);
  const text = await metrics.registry.metrics();
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="g",direction="toServer"} 8');
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="g",direction="toClient"} 5');
  expect(text).toContain(
    'chaosgate_fault_injections_total{namespace="n",gate="g",direction="toServer",fault="delay"} 1',
  );
});

test('each gate has its own', async () => {
  const metrics = new ProxyMetrics();
  metrics.add({ namespace: 'n', gate: 'a' }, idle).bytes?.('toServer', 1);
  metrics.add({ namespace: 'n', gate: 'b' }, idle).bytes?.('toServer', 2);
  const text = await metrics.registry.metrics();
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="a",direction="toServer"} 1');
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="b",direction="toServer"} 2');
});
