import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CheckpointError } from '../errors.ts'
import { openGguf } from './gguf.ts'
import { GGUF_FORMATS } from './gguf-quantization.ts'
import { openSafetensors } from './safetensors.ts'
import { writeGguf } from './write-gguf.ts'

const FIXTURES = join(import.meta.dirname, '../../test/golden/fixtures/gguf')
const formats = join(FIXTURES, 'formats.gguf')

it.each(Object.keys(GGUF_FORMATS))("%s: the Python package's values, bit for bit", async (format) => {
  const expected = await openSafetensors(join(FIXTURES, 'formats.safetensors'))
  const file = await openGguf(formats)
  const name = format.toLowerCase()
  expect(file.tensors.get(name)).toMatchObject({ dtype: format, shape: expected.tensors.get(name)!.shape })
  const bits = (x: Float32Array) => new Uint32Array(x.buffer)
  expect(bits(await file.read(name))).toEqual(bits(await expected.read(name)))
  await Promise.all([file.close(), expected.close()])
})

describe('what is wrong is named', () => {
  const failure = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(CheckpointError)
    return (error as Error).message
  }
  const altered = (change: (bytes: Buffer) => Buffer) => {
    const path = join(mkdtempSync(join(tmpdir(), 'r1-gguf-')), 'x.gguf')
    writeFileSync(path, change(readFileSync(formats)))
    return path
  }

  it.each([
    ['a missing file', () => join(FIXTURES, 'none.gguf'), /none\.gguf: cannot be read/],
    ['another format', () => join(FIXTURES, 'formats.safetensors'), /not a whole GGUF file \(.*magic number/],
    ['an empty file', () => altered(() => Buffer.alloc(0)), /not a whole GGUF file/],
    ['a cut head', () => altered((bytes) => bytes.subarray(0, 200)), /not a whole GGUF file|is cut off/],
    [
      'a cut tensor',
      () => altered((bytes) => bytes.subarray(0, 2500)),
      /is cut off: tensor \w+ ends at byte/,
    ],
  ])('%s', async (_, make, message) => {
    const path = make()
    const text = await failure(openGguf(path))
    expect(text).toContain(path)
    expect(text).toMatch(message)
  })

  it.each([
    ['overlapping tensors', 0n, /tensor (?:bf16 overlaps \w+|\w+ overlaps bf16)\./],
    [
      'an offset between the steps',
      4n,
      /tensor bf16 starts at byte 4 of the data\. Expected a multiple of 32/,
    ],
  ])('%s', async (_, offset, message) => {
    const path = altered((bytes) => {
      bytes.writeBigUInt64LE(offset, bytes.indexOf('bf16') + 4 + 4 + 16 + 4)
      return bytes
    })
    expect(await failure(openGguf(path))).toMatch(message)
  })

  it('a missing tensor, a wrong shape, a format that is not read', async () => {
    const file = await openGguf(formats)
    expect(await failure(file.read('z'))).toMatch(/has no tensor z\. It has 10 tensors/)
    expect(await failure(file.read('f32', [4]))).toMatch(/f32 has shape \[3,16\]\. Expected shape \[4\]/)
    await file.close()
    // The tensor table's entry: name, two dimensions, then the format, here Q2_K for BF16.
    const path = altered((bytes) => {
      bytes.writeUInt32LE(10, bytes.indexOf('bf16') + 4 + 4 + 16)
      return bytes
    })
    const other = await openGguf(path)
    expect(await failure(other.read('bf16'))).toMatch(/bf16 is Q2_K\. Expected one of F32/)
    await other.close()
  })
})

it('as many tokens as Gemma has', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'r1-gguf-')), 'tokens.gguf')
  const tokens = Array.from({ length: 262_144 }, (_, id) => `t${id}`)
  await writeGguf(path, new Map([['tokenizer.ggml.tokens', tokens]]), [])
  const file = await openGguf(path)
  expect(file.metadata['tokenizer.ggml.tokens']).toEqual(tokens)
  await file.close()
})
