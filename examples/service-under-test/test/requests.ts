import { expect, vi } from 'vitest';
import type { Service } from '../service.ts';

/** The service's own answer: it never hangs, whatever the database does. */
const LONGEST_ANSWER = 5_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

export async function put(service: Service, name: string, body: string): Promise<Answer> {
  return ask(service, name, { method: 'PUT', body });
}

export async function get(service: Service, name: string): Promise<Answer> {
  return ask(service, name, {});
}

/** As many at once as the pool has connections. */
export function getFromAll(service: Service, name: string): Promise<Answer[]> {
  return Promise.all(Array.from({ length: 4 }, () => get(service, name)));
}

/** The service is well again within seconds: on every connection of its pool, and not by luck on one. */
export async function recovers(service: Service): Promise<void> {
  await vi.waitFor(
    async () => {
      for (const { status } of await getFromAll(service, 'baseline')) expect(status).toBe(200);
    },
    { timeout: 10_000, interval: 100 },
  );
  for (const { status } of await getFromAll(service, 'baseline')) expect(status).toBe(200);
}

async function ask(service: Service, name: string, init: RequestInit): Promise<Answer> {
  const start = performance.now();
  const response = await fetch(`${service.url}/notes/${name}`, {
    ...init,
    signal: AbortSignal.timeout(LONGEST_ANSWER),
  });
  const body = await response.text();
  return { status: response.status, body, milliseconds: performance.now() - start };
}
