import { describe, expect, test } from 'vitest';
import { openLine } from '../../unit/gate/faults/support.ts';
import { bytesOf } from '../support/bytes.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { startHarness } from '../support/harness.ts';

const CHANGED = 'before,------,after';

/** The text with a dash for each byte that is another one. */
function changes(sent: string, received: Buffer): string {
  return Array.from(sent, (letter, at) =>
    received[at] === letter.charCodeAt(0) ? letter : '-',
  ).join('');
}

describe.each(DIRECTIONS)('corrupt $direction', ({ direction, sender, receiver }) => {
  const corrupting = { [direction]: { corrupt: {} } };
  const lifted = { [direction]: {} };

  test('changes every byte that goes there, and none of those that come back', async () => {
    const harness = await startHarness(corrupting);
    const pair = await harness.open();
    const sent = bytesOf(300_000);
    pair[sender].send(sent);
    pair[receiver].send('untouched');
    const received = await pair[receiver].receives(sent.length);
    expect(sent.findIndex((byte, at) => byte === received[at])).toBe(-1);
    await pair[sender].receives('untouched');
  });

  test('is set and lifted on an open connection', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[sender].send('before,');
    await pair[receiver].receives(7);
    await harness.set(corrupting);
    pair[sender].send('during');
    await pair[receiver].receives(13);
    await harness.set(lifted);
    pair[sender].send(',after');
    expect(changes('before,during,after', await pair[receiver].receives(19))).toBe(CHANGED);
  });

  test('does not change bytes a second time that are held when the faults change', async () => {
    const harness = await startHarness({
      [direction]: { corrupt: {}, delay: { milliseconds: 3_600_000 } },
    });
    const pair = await harness.open();
    pair[sender].send('held');
    await harness.reads(direction, 4);
    await harness.set({ [direction]: { corrupt: { bytesPerMillion: 999_999 } } });
    expect(changes('held', await pair[receiver].receives(4))).toBe('----');
  });

  test('FIN comes behind the changed bytes, and the answer comes back', async () => {
    const harness = await startHarness(corrupting);
    const pair = await harness.open();
    pair[sender].send('request');
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(changes('request', pair[receiver].bytes)).toBe('-------');
    pair[receiver].send('answer');
    pair[receiver].finish();
    await pair[sender].receives('answer');
    await pair[sender].seesFin();
  });

  test('RST reaches the other end', async () => {
    const harness = await startHarness(corrupting);
    const pair = await harness.open();
    pair[sender].reset();
    await pair[receiver].seesReset();
  });
});

test('the same bytes of the same connection change in the same way, in whatever pieces they come', async () => {
  const corrupt = { bytesPerMillion: 50_000 };
  const sent = bytesOf(500_000);
  const harness = await startHarness({ seed: 7, toServer: { corrupt }, toClient: { corrupt } });
  const { client, server } = await harness.open();
  client.sendInPieces(sent, 777);
  server.send(sent);
  const [toServer, toClient] = await Promise.all([
    server.receives(sent.length),
    client.receives(sent.length),
  ]);

  // Without sockets, and in one piece.
  const { line } = openLine({ corrupt }, { seed: 7 });
  line.send(sent);
  expect(toServer.equals(line.received)).toBe(true);
  expect(toClient.equals(line.received)).toBe(false);
});
