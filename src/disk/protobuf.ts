/** Protocol Buffers' wire format, writing only: a message is its fields one after the other. */

/** Whole numbers from 0 to 2^53; int32, int64 and bool are written so. */
export function varintField(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)])
}

export function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([Buffer.from(varint(field * 8 + 1)), bytes])
}

export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return Buffer.concat([Buffer.from(varint(field * 8 + 5)), bytes])
}

/** A string, bytes, or a message given as its fields. */
export function bytesField(field: number, value: string | Buffer | readonly Buffer[]): Buffer {
  const bytes =
    typeof value === 'string' || Buffer.isBuffer(value) ? Buffer.from(value) : Buffer.concat(value)
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}
