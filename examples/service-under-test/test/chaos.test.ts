/** Each test breaks something, sees how the service takes it, lifts the fault, and sees the service recover. */
import type { Gate } from 'chaosgate/client';
import { describe, expect } from 'vitest';
import type { Service } from '../service.ts';
import { type Answer, get, getFromAll, put, recovers } from './requests.ts';
import { test } from './setup.ts';

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);

/** As many as the pool has connections. */
const ALL_SERVED = [200, 200, 200, 200];
const ALL_TOLD_TO_WAIT = [503, 503, 503, 503];

test.beforeEach(async ({ service }) => {
  expect(await put(service, 'baseline', 'hello')).toMatchObject({ status: 204 });
});

/** Has the pool open all of its connections: answers that are late keep each busy, so that the next one is needed. */
async function fillPool(postgres: Gate, service: Service): Promise<void> {
  await postgres.toClient.delay(200);
  expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_SERVED);
  await postgres.reset();
  await postgres.waitForConnections(4, { timeout: 10_000 });
}

test('with nothing broken, every connection of the pool goes through the gate', async ({
  postgres,
  service,
}) => {
  await fillPool(postgres, service);
  expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_SERVED);
  expect(await postgres.connectionsCount()).toBe(4);
});

describe('what the service has to stand', () => {
  test('an answer that comes late comes', async ({ postgres, service }) => {
    await postgres.toClient.delay(300, { jitter: 50 });
    const { status, milliseconds } = await get(service, 'baseline');
    expect(status).toBe(200);
    expect(milliseconds).toBeGreaterThanOrEqual(250);
  });

  test('answers in pieces are put together', async ({ postgres, service }) => {
    await postgres.bothDirections.slice(10);
    expect(await put(service, 'long', 'x'.repeat(5_000))).toMatchObject({ status: 204 });
    expect((await get(service, 'long')).body).toHaveLength(5_000);
  });

  test('connections that are open serve on while new ones are refused', async ({
    postgres,
    service,
  }) => {
    await fillPool(postgres, service);
    await postgres.stopAccepting({ how: 'Refuse' });
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_SERVED);
  });

  test.for(['Fin', 'Reset'] as const)(
    'a pool whose idle connections are all closed (%s) makes new ones',
    async (how, { postgres, service }) => {
      await fillPool(postgres, service);
      await postgres.disconnect({ how });
      expect(postgres.status.connections?.active).toBe(0);
      await recovers(service);
    },
  );
});

describe('the service says 503 and not later than it promises, then recovers, when', () => {
  test('the database does not read', async ({ postgres, service }) => {
    await postgres.toServer.stall();
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_TOLD_TO_WAIT);
    await postgres.reset();
    await recovers(service);
  });

  test('the database does not answer', async ({ postgres, service }) => {
    await postgres.toClient.drop();
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_TOLD_TO_WAIT);
    await postgres.reset();
    await recovers(service);
  });

  test('the database is gone', async ({ postgres, service }) => {
    await postgres.stop();
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_TOLD_TO_WAIT);
    await postgres.start();
    await recovers(service);
  });

  test('the database takes connections and says nothing on them', async ({ postgres, service }) => {
    await postgres.stopAccepting();
    await postgres.disconnect();
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_TOLD_TO_WAIT);
    await postgres.startAccepting();
    await recovers(service);
  });

  test('connections close on the first byte of an answer', async ({ postgres, service }) => {
    await postgres.toClient.closeOnData();
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_TOLD_TO_WAIT);
    await postgres.reset();
    await recovers(service);
  });

  test.for([1, 10, 50])(
    'an answer breaks off after %i bytes',
    async (bytes, { postgres, service }) => {
      await postgres.toClient.limitBytes(bytes);
      expect(await get(service, 'baseline')).toMatchObject({ status: 503 });
      await postgres.reset();
      await recovers(service);
    },
  );

  test('the line is too slow', async ({ postgres, service }) => {
    await postgres.bothDirections.bandwidth(10);
    expect(statuses(await getFromAll(service, 'baseline'))).toEqual(ALL_TOLD_TO_WAIT);
    await postgres.reset();
    await recovers(service);
  });
});

test('a note whose answer was lost is kept, and can be put again', async ({
  postgres,
  service,
}) => {
  await postgres.toClient.drop();
  expect(await put(service, 'lost', 'kept')).toMatchObject({ status: 503 });
  await postgres.reset();
  await recovers(service);
  expect((await get(service, 'lost')).body).toBe('kept');
  expect(await put(service, 'lost', 'kept')).toMatchObject({ status: 204 });
});
