/** Longest line in bytes: many times the largest object that etcd takes. */
const LINE_LIMIT = 32 * 1024 * 1024;

/**
 * Cuts a stream into its lines, however they are spread over the reads. Throws for a line of more than 32 MiB and for
 * a last line that does not end: the stream broke off.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      // Decoded only when whole: a read may end inside of a character.
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString();
      parts = [];
      length = 0;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > LINE_LIMIT) throw new Error(`A line is longer than ${LINE_LIMIT} bytes`);
  }
  if (length > 0) throw new Error('The stream ended inside of a line');
}
