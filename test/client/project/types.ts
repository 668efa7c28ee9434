/** Type-checked in a project that has the package alone. Never run. */
import {
  type Chaos,
  type ConnectOptions,
  connect,
  type Faults,
  type Gate,
  InvalidError,
  NotProgrammedError,
} from 'chaosgate/client';

export async function everything(options: ConnectOptions): Promise<number> {
  await using chaos: Chaos = await connect(options);
  await using gate: Gate = await chaos.gate('postgres', {
    upstream: { host: 'localhost', port: 5432 },
  });
  await gate.toClient.delay(300, { jitter: 50 });
  await gate.toServer.drop({ connectionsPercent: 50, signal: AbortSignal.timeout(1_000) });
  await gate.bothDirections.limitBytes(100, { scope: 'Gate', how: 'Reset' });
  await gate.toServer.substitute('a+', 'b');
  const faults: Faults = { delay: { milliseconds: 5 }, slice: { maxBytes: 1 } };
  await gate.set({ toServer: faults, newConnections: 'Hold' });
  await gate.toServer.merge({ delay: null });
  await gate.reset();
  await gate.waitForConnections(1, { timeout: 5_000 });
  await gate.disconnect({ count: 2, how: 'Reset' });
  const { host, port, address }: { host: string; port: number; address: string } = gate;
  return address === `${host}:${port}` ? gate.connectionsCount() : 0;
}

export function reasonOf(error: unknown): string | undefined {
  if (error instanceof InvalidError) return error.causes[0]?.field;
  return error instanceof NotProgrammedError ? error.reason : undefined;
}

export async function mistakes(chaos: Chaos, gate: Gate): Promise<void> {
  // @ts-expect-error a gate has an upstream
  await chaos.gate('postgres', {});
  // @ts-expect-error milliseconds are a number
  await gate.toServer.delay('300');
  // @ts-expect-error no such fault
  await gate.toServer.set({ dealy: { milliseconds: 5 } });
  // @ts-expect-error no such way to close
  await gate.disconnect({ how: 'Slam' });
}
