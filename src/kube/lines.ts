/**
 * Cuts a stream into its lines, however they are spread over the reads. Throws for a line of more than `maxBytes` and for
 * a last line that does not end: the stream broke off.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      length += end - start;
      if (length > maxBytes) throw tooLong(maxBytes);
      // Decoded only when whole: a read may end inside of a character.
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString();
      parts = [];
      length = 0;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) throw tooLong(maxBytes);
  }
  if (length > 0) throw new Error('The stream ended inside of a line');
}

function tooLong(maxBytes: number): Error {
  return new Error(`A line is longer than ${maxBytes} bytes`);
}
