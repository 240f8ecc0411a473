import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointError } from '../errors.ts'
import { openSafetensors } from './safetensors.ts'
import { writeSafetensors } from './write-safetensors.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-safetensors-'))
let made = 0
const folder = () => mkdtempSync(join(root, `${made++}-`))
const path = () => join(folder(), 'model.safetensors')

/** A file with this header and `size` bytes of zeros after it. */
function raw(header: unknown, size: number, claimed?: number): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(claimed ?? json.length))
  const file = path()
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(size)]))
  return file
}
const entry = (start: number, end: number, shape = [(end - start) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [start, end],
})

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CheckpointError)
  return (error as Error).message
}

describe('writing and reading', () => {
  it('gives back every float32, whatever the shapes', async () => {
    const tensors = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__'),
        shape: fc.array(fc.nat(4), { maxLength: 3 }),
      }),
      { selector: ({ name }) => name, maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(tensors, fc.infiniteStream(fc.float()), async (list, values) => {
        const full = list.map(({ name, shape }) => {
          const data = Float32Array.from(
            { length: shape.reduce((a, b) => a * b, 1) },
            () => values.next().value,
          )
          return { name, shape, data }
        })
        const file = path()
        await writeSafetensors(file, full)
        const checkpoint = await openSafetensors(file)
        expect([...checkpoint.tensors.keys()].sort()).toEqual(list.map(({ name }) => name).sort())
        for (const { name, shape, data } of full) expect(await checkpoint.read(name, shape)).toEqual(data)
        await checkpoint.close()
      }),
      { numRuns: 30 },
    )
  })

  it('starts the tensors at a multiple of eight and names the format', async () => {
    const file = path()
    await writeSafetensors(file, [{ name: 'odd name', shape: [1], data: Float32Array.of(1) }])
    const bytes = readFileSync(file)
    expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0)
    const checkpoint = await openSafetensors(file)
    expect(checkpoint.metadata).toEqual({ format: 'pt' })
    await checkpoint.close()
    expect(readdirSync(join(file, '..'))).toEqual(['model.safetensors'])
  })

  it('stores halves, each tensor in its own type, more than one chunk of them', async () => {
    const many = Float32Array.from({ length: (1 << 20) + 3 }, (_, i) => Math.sin(i))
    const file = path()
    const shape = [many.length]
    await writeSafetensors(
      file,
      [
        { name: 'b', shape, data: () => many },
        { name: 'h', shape, data: async () => many, dtype: 'F16' },
        { name: 'f', shape: [1], data: Float32Array.of(1 / 3), dtype: 'F32' },
      ],
      { dtype: 'BF16' },
    )
    const checkpoint = await openSafetensors(file)
    expect([...checkpoint.tensors.values()].map(({ dtype }) => dtype)).toEqual(['BF16', 'F16', 'F32'])
    for (const [name, steps] of [
      ['b', 2 ** 8],
      ['h', 2 ** 11],
    ] as const) {
      const back = await checkpoint.read(name)
      // Relative error at most half a step (8 and 11 bits); below the smallest normal float16 an absolute one.
      expect(back.findIndex((x, i) => Math.abs(x - many[i]!) > Math.abs(many[i]!) / steps + 2 ** -25)).toBe(
        -1,
      )
      expect(back.length).toBe(many.length)
    }
    expect(await checkpoint.read('f')).toEqual(Float32Array.of(1 / 3))
    await checkpoint.close()
  })

  it('reads float64', async () => {
    const file = raw({ x: { dtype: 'F64', shape: [2], data_offsets: [0, 16] } }, 16)
    const bytes = readFileSync(file)
    bytes.writeDoubleLE(1 / 3, bytes.length - 16)
    bytes.writeDoubleLE(-2.5, bytes.length - 8)
    writeFileSync(file, bytes)
    const checkpoint = await openSafetensors(file)
    expect(await checkpoint.read('x')).toEqual(Float32Array.of(1 / 3, -2.5))
    await checkpoint.close()
  })

  it('reads a file that the safetensors library wrote', async () => {
    const fixture = join(import.meta.dirname, '../../test/golden/fixtures/llama-tiny')
    const checkpoint = await openSafetensors(fixture)
    const gain = await checkpoint.read('model.norm.weight', [48])
    expect(gain.reduce((sum, x) => sum + x, 0) / 48).toBeCloseTo(1, 0)
    expect(checkpoint.metadata).toEqual({ format: 'pt' })
    await checkpoint.close()
  })

  it('leaves the old file where writing fails', async () => {
    const file = path()
    await writeSafetensors(file, [{ name: 'x', shape: [1], data: Float32Array.of(7) }])
    const bad = { name: 'x', shape: [2], data: Float32Array.of(1) }
    await expect(writeSafetensors(file, [bad])).rejects.toThrow('1 values for x [2]')
    const checkpoint = await openSafetensors(file)
    expect(await checkpoint.read('x')).toEqual(Float32Array.of(7))
    await checkpoint.close()
  })
})

describe('shards', () => {
  async function shards(map: unknown) {
    const place = folder()
    await writeSafetensors(join(place, 'a.safetensors'), [
      { name: 'x', shape: [1], data: Float32Array.of(1) },
    ])
    await writeSafetensors(join(place, 'b.safetensors'), [
      { name: 'y', shape: [1], data: Float32Array.of(2) },
    ])
    writeFileSync(join(place, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }))
    return place
  }

  it('are read through their index', async () => {
    const checkpoint = await openSafetensors(await shards({ x: 'a.safetensors', y: 'b.safetensors' }))
    expect([await checkpoint.read('x'), await checkpoint.read('y')]).toEqual([
      Float32Array.of(1),
      Float32Array.of(2),
    ])
    await checkpoint.close()
  })

  it.each([
    ['a missing file', { x: 'c.safetensors' }, /c\.safetensors: cannot be read/],
    ['a tensor that is elsewhere', { y: 'a.safetensors' }, /a\.safetensors: has no tensor y, which/],
    ['a file outside the folder', { x: '../a.safetensors' }, /weight_map\.x is "\.\.\/a/],
    ['no map', [], /has no weight_map/],
  ])('%s is named', async (_, map, message) => {
    expect(await failure(openSafetensors(await shards(map)))).toMatch(message)
  })
})

describe('what is wrong is named', () => {
  it.each([
    ['an empty header', () => raw('', 0), /header is not JSON/],
    ['a file of another format', () => raw('PK\u0003\u0004'.repeat(20), 0, 0x4034b50), /header claims 67/],
    ['a header longer than the file', () => raw({}, 0, 5000), /claims 5000 bytes in a file of 10/],
    ['a header beyond the limit', () => raw({}, 0, 2 ** 40), /claims 1099511627776 bytes/],
    ['a header that is not JSON', () => raw('{"x":', 0), /header is not JSON/],
    ['a header that is a list', () => raw([], 0), /not a JSON object/],
    ['an entry without offsets', () => raw({ x: { dtype: 'F32', shape: [1] } }, 4), /entry for x is/],
    ['a negative size', () => raw({ x: entry(0, 4, [-1]) }, 4), /entry for x is/],
    ['an unknown dtype', () => raw({ x: entry(0, 4, [8], 'F4') }, 4), /x has the unknown dtype F4/],
    ['a wrong size', () => raw({ x: entry(0, 8, [3]) }, 8), /x spans 8 bytes\. Expected 12 for F32 \[3\]/],
    ['overlapping tensors', () => raw({ x: entry(0, 8), y: entry(4, 12) }, 12), /y overlaps/],
    ['a gap', () => raw({ x: entry(0, 4), y: entry(8, 12) }, 12), /y leaves a gap/],
    ['truncation', () => raw({ x: entry(0, 4), y: entry(4, 12) }, 6), /cut off: tensor y ends at byte/],
    ['bytes at the end', () => raw({ x: entry(0, 4) }, 6), /2 bytes after the last tensor/],
    ['a missing file', () => join(folder(), 'none.safetensors'), /none\.safetensors: cannot be read/],
    ['an empty folder', folder, /has neither model\.safetensors nor/],
  ])('%s', async (_, make, message) => {
    const file = make()
    const text = await failure(openSafetensors(file))
    expect(text).toContain(file)
    expect(text).toMatch(message)
  })

  it('a file of less than eight bytes', async () => {
    const file = path()
    writeFileSync(file, 'abc')
    expect(await failure(openSafetensors(file))).toMatch(/is 3 bytes long/)
  })

  it('a folder of another format', async () => {
    const place = folder()
    writeFileSync(join(place, 'pytorch_model.bin'), '')
    expect(await failure(openSafetensors(place))).toMatch(/Convert pytorch_model\.bin/)
  })

  it('a missing tensor, a wrong shape, a type that holds no floats', async () => {
    const file = raw({ x: entry(0, 16, [2, 2]), n: entry(16, 24, [1], 'I64') }, 24)
    const checkpoint = await openSafetensors(file)
    expect(await failure(checkpoint.read('z'))).toMatch(/has no tensor z\. It has 2 tensors, x, n/)
    expect(await failure(checkpoint.read('x', [4]))).toMatch(/x has shape \[2,2\]\. Expected shape \[4\]/)
    expect(await failure(checkpoint.read('n'))).toMatch(/n is I64\. Expected F32, F16, BF16 or F64/)
    await checkpoint.close()
  })
})
