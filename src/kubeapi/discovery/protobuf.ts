const VARINT = 0;
const DOUBLE = 1;
const LENGTH = 2;

/** A message of Protocol Buffers as it grows: as much of the wire format as OpenAPI takes (protobuf.dev, "Encoding"). */
export class Message {
  readonly #parts: Buffer[] = [];

  text(field: number, value: string | undefined): this {
    return value === undefined ? this : this.#delimited(field, Buffer.from(value));
  }

  message(field: number, value: Message | undefined): this {
    return value === undefined ? this : this.#delimited(field, value.bytes());
  }

  /** @param value a whole number, not below 0 */
  whole(field: number, value: number | undefined): this {
    if (value !== undefined) this.#parts.push(varint(field * 8 + VARINT), varint(value));
    return this;
  }

  double(field: number, value: number | undefined): this {
    if (value === undefined) return this;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#parts.push(varint(field * 8 + DOUBLE), bytes);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #delimited(field: number, bytes: Buffer): this {
    this.#parts.push(varint(field * 8 + LENGTH), varint(bytes.length), bytes);
    return this;
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}
