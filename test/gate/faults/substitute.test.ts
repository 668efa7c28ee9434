import { describe, expect, test } from 'vitest';
import { bytesOf } from '../support/bytes.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { startHarness } from '../support/harness.ts';
import { until } from '../support/time.ts';

const { raw } = String;

describe.each(DIRECTIONS)('substitute $direction', ({ direction, sender, receiver }) => {
  const substituting = (pattern: string, replacement: string) => ({
    [direction]: { substitute: [{ pattern, replacement }] },
  });
  const lifted = { [direction]: {} };

  test('what matches is replaced, and what comes back is not', async () => {
    const harness = await startHarness(substituting('h(e|a)llo', raw`[\1]`));
    const pair = await harness.open();
    pair[sender].send('hello hallo');
    pair[receiver].send('hello back');
    await pair[receiver].receives('[e] [a]');
    await pair[sender].receives('hello back');
  });

  test('a match is found across reads; what can be none does not wait', async () => {
    const harness = await startHarness(substituting('hello', 'die'));
    const pair = await harness.open();
    pair[sender].send('oh hel');
    await pair[receiver].receives('oh ');
    await pair[receiver].seesNothingMore();
    pair[sender].send('lo');
    await pair[receiver].receives('oh die');
  });

  test('tells when it holds bytes, and none come that would show whether they match', async () => {
    const harness = await startHarness(substituting('[0-9]+', 'n'));
    const [first, second] = await harness.openMany(2);
    const none = { connections: 0, bytes: 0 };
    expect(harness.gate.state.undecided).toEqual(none);
    first[sender].send('total 123');
    second[sender].send('1 of 2');
    await until('it tells', () => harness.gate.state.undecided.connections === 2);
    expect(harness.gate.state.undecided).toEqual({ connections: 2, bytes: 4 });
    first[sender].send(' ');
    await until('one is decided', () => harness.gate.state.undecided.connections === 1);
    expect(harness.gate.state.undecided.bytes).toBe(1);
    await harness.set(lifted);
    expect(harness.gate.state.undecided).toEqual(none);
    await second[receiver].receives('n of 2');
  });

  test('is set and lifted on an open connection: what was held arrives as it came', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[sender].send('hello ');
    await pair[receiver].receives('hello ');
    await harness.set(substituting('hello', 'die'));
    pair[sender].send('hello hel');
    await pair[receiver].receives('hello die ');
    await harness.set(lifted);
    pair[sender].send('lo');
    await pair[receiver].receives('hello die hello');
  });

  test('FIN comes behind the held bytes, and the answer comes back', async () => {
    const harness = await startHarness(substituting('hello|(?:h|l)$', 'die'));
    const pair = await harness.open();
    pair[sender].send('hel');
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[receiver].text).toBe('hedie');
    pair[receiver].send('answer');
    await pair[sender].receives('answer');
  });

  test('RST discards what is held and reaches the other end', async () => {
    const harness = await startHarness(substituting('hello', 'die'));
    const pair = await harness.open();
    pair[sender].send('a hel');
    await pair[receiver].receives('a ');
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].text).toBe('a ');
  });

  test('a megabyte arrives with each of its matches replaced', async () => {
    const harness = await startHarness(substituting(raw`[A-P](\xff+)`, raw`\1<\0>`));
    const pair = await harness.open();
    const sent = bytesOf(2 ** 20);
    const expected = Buffer.from(
      sent.toString('latin1').replace(/[A-P](\xff+)/g, '$1<$&>'),
      'latin1',
    );
    expect(expected.length).toBeGreaterThan(sent.length + 100);
    pair[sender].send(sent);
    expect((await pair[receiver].receives(expected.length)).equals(expected)).toBe(true);
    expect(harness.budget.used).toBe(0);
  });

  test('a match that never ends blocks nobody', async () => {
    const harness = await startHarness(substituting('a+b', ''));
    const pair = await harness.open();
    const sent = Buffer.alloc(2 ** 20, 'a');
    pair[sender].send(sent);
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[receiver].bytes.equals(sent)).toBe(true);
  });
});

test('a sentinel announces the gate in front of its master, and nothing else changes', async () => {
  const harness = await startHarness({
    toClient: {
      substitute: [
        {
          pattern: raw`\$9\r\n127\.0\.0\.1\r\n\$4\r\n6379\r\n`,
          replacement: raw`$15\r\nredis-gate.test\r\n$5\r\n16379\r\n`,
        },
      ],
    },
  });
  const { client, server } = await harness.open();
  const question = '*3\r\n$8\r\nSENTINEL\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n';
  client.send(question);
  await server.receives(question);
  // Each piece is a read of its own for the gate.
  let sent = 0;
  for (const piece of [
    '*2\r\n$',
    '9\r\n127.0',
    '.0.1\r\n$4\r\n',
    '6379',
    '\r',
    '\n+PO',
    'NG\r\n',
  ]) {
    server.send(piece);
    sent += piece.length;
    await harness.reads('toClient', sent);
  }
  await client.receives('*2\r\n$15\r\nredis-gate.test\r\n$5\r\n16379\r\n+PONG\r\n');
});
