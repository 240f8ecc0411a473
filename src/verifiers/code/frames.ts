/**
 * Messages between this process and a sandbox: each is four bytes of length (little endian) and that many bytes.
 * Whoever reads says how long a frame may be, so that the other side cannot make it allocate more.
 */
import { readSync, writeSync } from 'node:fs'

const HEADER_BYTES = 4
/** The sandbox's end. Its standard streams are no place for frames: Node makes them non-blocking as it likes. */
export const CHANNEL = 3

export function frameHeader(length: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  new DataView(header.buffer).setUint32(0, length, true)
  return header
}

export function frame(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length)
  bytes.set(frameHeader(body.length))
  bytes.set(body, HEADER_BYTES)
  return bytes
}

/** Waits until all is written. */
export function writeFrame(body: Uint8Array): void {
  const bytes = frame(body)
  for (let at = 0; at < bytes.length; ) at += writeSync(CHANNEL, bytes, at)
}

/** Waits for the next frame; null where the other side has closed. */
export function readFrame(): Uint8Array | null {
  const header = readExactly(HEADER_BYTES)
  return header && readExactly(lengthIn(header))
}

function readExactly(length: number): Uint8Array | null {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const n = readSync(CHANNEL, bytes, at, length - at, null)
    if (n === 0) return null
    at += n
  }
  return bytes
}

const lengthIn = (header: Uint8Array): number =>
  new DataView(header.buffer, header.byteOffset).getUint32(0, true)

/** Cuts a stream into frames. `maxBytes` is asked for each frame; one that is longer ends it all with an error. */
export function frameReader(
  maxBytes: () => number,
  take: (body: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  const header = new Uint8Array(HEADER_BYTES)
  let numHeader = 0
  let body: Uint8Array | null = null
  let numBody = 0

  return (chunk) => {
    for (let at = 0; at < chunk.length || body?.length === numBody; ) {
      if (body === null) {
        header[numHeader++] = chunk[at++]!
        if (numHeader < HEADER_BYTES) continue
        const length = lengthIn(header)
        if (length > maxBytes()) throw new RangeError(`a frame of ${length} bytes`)
        body = new Uint8Array(length)
        numBody = 0
      }
      const part = chunk.subarray(at, at + body.length - numBody)
      body.set(part, numBody)
      numBody += part.length
      at += part.length
      if (numBody < body.length) continue
      const whole = body
      body = null
      numHeader = 0
      take(whole)
    }
  }
}
