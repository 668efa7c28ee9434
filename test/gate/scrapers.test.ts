/** Who asks a proxy for its metrics does not hold up what passes through its gate. */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { Child } from './support/child.ts';
import { proxyFolders } from './support/folders.ts';
import { Peer } from './support/peer.ts';
import { freePorts, proxyCommand, snapshotOf } from './support/proxy.ts';
import { TestServer } from './support/server.ts';

const SCRAPERS = 8;
/** Batches with scrapers and without, in turn, and the milliseconds that each takes. */
const BATCHES = 3;
const DURATION = 1_500;

/** Asks again as soon as it has an answer, until it is told to stop. */
function scrape(port: number, isOver: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    let answers = 0;
    const ask = () => {
      if (isOver()) return resolve(answers);
      const asked = request({ port, host: '127.0.0.1', path: '/metrics', agent: false });
      asked.on('response', (response) => {
        answers += 1;
        response.resume().on('close', ask);
      });
      // Past what an address gets, it is told to wait, or not let in.
      asked.on('error', () => setTimeout(ask, 10)).end();
    };
    ask();
  });
}

/** The median of the round trips of a batch, in milliseconds. */
async function medianTrip(client: Peer, server: Peer): Promise<number> {
  const trips: number[] = [];
  const end = performance.now() + DURATION;
  for (let start = performance.now(); start < end; start = performance.now()) {
    const there = new Promise((resolve) => server.socket.once('data', resolve));
    const back = new Promise((resolve) => client.socket.once('data', resolve));
    client.socket.write('ping');
    await there;
    server.socket.write('pong');
    await back;
    trips.push(performance.now() - start);
  }
  return trips.toSorted((a, b) => a - b)[Math.floor(trips.length / 2)] ?? Number.NaN;
}

test('eight scrapers cost a round trip less than a millisecond', async () => {
  const server = await TestServer.listen();
  const ports = await freePorts();
  const folders = await proxyFolders({ mounted: snapshotOf(1, server) });
  const child = Child.start('proxy.ts', proxyCommand(folders, ports));
  await child.says(/"msg":"Proxy started"/);
  const [client, end] = await Promise.all([Peer.connect(ports.gate), server.accept()]);
  const alone: number[] = [];
  const beside: number[] = [];
  let answers = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    alone.push(await medianTrip(client, end));
    let isOver = false;
    const scrapers = Array.from({ length: SCRAPERS }, () => scrape(ports.http, () => isOver));
    beside.push(await medianTrip(client, end));
    isOver = true;
    for (const count of await Promise.all(scrapers)) answers += count;
  }
  expect(answers).toBeGreaterThan(BATCHES * SCRAPERS);
  // Other work on the machine makes some batches slow, and none fast.
  expect(Math.min(...beside) - Math.min(...alone)).toBeLessThan(1);
});
