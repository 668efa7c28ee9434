import { expect, test } from 'vitest';
import { GateMetrics } from '../../../src/proxy/metrics.ts';

const idle = {
  state: () => undefined,
  generation: () => 1,
  isFaulty: () => false,
  secondsLeft: () => undefined,
};

test('bytes and injections are there when they are asked for, and are counted once', async () => {
  const metrics = new GateMetrics();
  const gate = metrics.add({ namespace: 'n', gate: 'g' }, idle);
  gate.observer.bytes?.('toServer', 3);
  gate.observer.bytes?.('toServer', 4);
  gate.observer.bytes?.('toClient', 5);
  gate.observer.injected?.('toServer', 'delay');
  await metrics.registry.metrics();
  gate.observer.bytes?.('toServer', 1);
  const text = await metrics.registry.metrics();
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="g",direction="toServer"} 8');
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="g",direction="toClient"} 5');
  expect(text).toContain(
    'chaosgate_fault_injections_total{namespace="n",gate="g",direction="toServer",fault="delay"} 1',
  );
});

test('what is left of faults is there while they are in force and have an end', async () => {
  const metrics = new GateMetrics();
  metrics.add({ namespace: 'n', gate: 'idle' }, idle);
  const faulty = { ...idle, isFaulty: () => true, secondsLeft: () => 12.5 };
  metrics.add({ namespace: 'n', gate: 'faulty' }, faulty);
  const text = await metrics.registry.metrics();
  expect(text).toContain('chaosgate_faults_active{namespace="n",gate="idle"} 0');
  expect(text).toContain('chaosgate_faults_active{namespace="n",gate="faulty"} 1');
  expect(text).toContain('chaosgate_faults_remaining_seconds{namespace="n",gate="faulty"} 12.5');
  expect(text).not.toContain('chaosgate_faults_remaining_seconds{namespace="n",gate="idle"}');
});

test('each gate has its own', async () => {
  const metrics = new GateMetrics();
  metrics.add({ namespace: 'n', gate: 'a' }, idle).observer.bytes?.('toServer', 1);
  metrics.add({ namespace: 'n', gate: 'b' }, idle).observer.bytes?.('toServer', 2);
  const text = await metrics.registry.metrics();
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="a",direction="toServer"} 1');
  expect(text).toContain('chaosgate_bytes_total{namespace="n",gate="b",direction="toServer"} 2');
});

test('the numbers of a gate go with it, and those of another one of its name stay', async () => {
  const metrics = new GateMetrics();
  const count = (gate: string) => {
    const numbers = metrics.add({ namespace: 'n', gate }, idle);
    numbers.observer.bytes?.('toServer', 1);
    numbers.observer.opened?.(1);
    numbers.applied(1);
    return numbers;
  };
  const series = async (gate: string) =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.includes(`gate="${gate}"`));
  const gone = count('gone');
  const replaced = count('replaced');
  count('replaced');
  expect((await series('gone')).length).toBeGreaterThan(10);
  await Promise.all([gone.remove(), replaced.remove()]);
  expect(await series('gone')).toEqual([]);
  expect((await series('replaced')).length).toBeGreaterThan(10);
});
