import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openSafetensors } from '../disk/safetensors.ts'
import { decoderConfigFromHuggingFace } from './config-json.ts'
import { openGgufModel } from './gguf.ts'
import { parameterSpecs } from './parameters.ts'
import { halvesToPairs, pairsToHalves } from './rotary-pairs.ts'

const FIXTURES = join(import.meta.dirname, '../../test/golden/fixtures')

it("a GGUF file laid out as llama.cpp's converter does is the checkpoint it came from", async () => {
  const folder = join(FIXTURES, 'llama-tiny')
  const { config, tensors } = await openGgufModel(join(FIXTURES, 'gguf/llama-tiny.gguf'))
  const json: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  expect(config).toEqual(decoderConfigFromHuggingFace(json))
  const original = await openSafetensors(folder)
  for (const { name, shape } of parameterSpecs(config))
    expect(await tensors.read(name, shape), name).toEqual(await original.read(name, shape))
  await Promise.all([tensors.close(), original.close()])
})

it('a file without a model says what is missing', async () => {
  await expect(openGgufModel(join(FIXTURES, 'gguf/spm.gguf'))).rejects.toThrow(
    /spm\.gguf: has no tensor token_embd\.weight/,
  )
})

it('reordering rows for rotary positions and back changes nothing', () => {
  const matrices = fc.record({
    heads: fc.integer({ min: 1, max: 3 }),
    pairs: fc.nat(4),
    width: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(matrices, ({ heads, pairs, width }) => {
      const rows = heads * (pairs + 1) * 2
      const matrix = Float32Array.from({ length: rows * width }, (_, i) => i)
      const moved = matrix.slice()
      halvesToPairs(moved, rows, (pairs + 1) * 2)
      expect(moved[width]).toBe(matrix[(pairs + 1) * width])
      pairsToHalves(moved, rows, (pairs + 1) * 2)
      expect(moved).toEqual(matrix)
    }),
  )
})
