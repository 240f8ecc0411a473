/**
 * The tests of a LiveCodeBench row. Public ones are JSON text; private ones are JSON text too, or that text pickled by
 * Python, compressed with zlib and written in base64. Of pickle only one string is understood, which is all there
 * is, and nothing is executed.
 */
import { inflateSync } from 'node:zlib'
import { z } from 'zod'

const liveCodeBenchTestSchema = z.object({
  input: z.string(),
  output: z.string(),
  testtype: z.enum(['stdin', 'functional']),
})
export type LiveCodeBenchTest = z.infer<typeof liveCodeBenchTestSchema>

export function decodeTests(packed: string): LiveCodeBenchTest[] {
  const text = packed.trimStart().startsWith('[')
    ? packed
    : unpickleString(inflateSync(Buffer.from(packed, 'base64')))
  return z.array(liveCodeBenchTestSchema).parse(JSON.parse(text))
}

/** The first string of a pickle: opcodes X, \x8c and \x8d with lengths of 4, 1 and 8 bytes, after protocol and frame. */
function unpickleString(pickle: Buffer): string {
  let at = 0
  while (at < pickle.length) {
    const opcode = pickle[at++]
    if (opcode === 0x80) at += 1
    else if (opcode === 0x95) at += 8
    else if (opcode === 0x8c) return pickle.toString('utf8', at + 1, at + 1 + pickle[at]!)
    else if (opcode === 0x58) return pickle.toString('utf8', at + 4, at + 4 + pickle.readUInt32LE(at))
    else if (opcode === 0x8d)
      return pickle.toString('utf8', at + 8, at + 8 + Number(pickle.readBigUInt64LE(at)))
    else break
  }
  throw new Error('not a pickled string')
}
