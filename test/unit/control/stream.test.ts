import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ProtocolError, readMessages } from '../../../src/control/stream.ts';

const schema = z.object({ n: z.int() });

function reader() {
  const stream = new PassThrough();
  const messages: number[] = [];
  const error = new Promise<Error>((resolve) => stream.on('error', resolve));
  const onMessage = ({ n }: { n: number }) => messages.push(n);
  readMessages(stream, { schema, maxBytes: 1_000, onMessage });
  return { stream, messages, error };
}

describe('a stream of messages', () => {
  test('may be cut anywhere', () => {
    const { stream, messages } = reader();
    for (const byte of Buffer.from('{"n":1}\n{"n":2}\n{"n":3}\n'))
      stream.write(Buffer.from([byte]));
    stream.write('{"n":4}\n{"n":5}\n{"n"');
    expect(messages).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([
    ['no JSON', 'hello\n'],
    ['of another shape', '{"n":"one"}\n'],
    ['longer than its bound', 'x'.repeat(1_001)],
  ])('ends when a message is %s', async (_, text) => {
    const { stream, error } = reader();
    stream.write(text);
    expect(await error).toBeInstanceOf(ProtocolError);
    expect(stream.destroyed).toBe(true);
  });
});
