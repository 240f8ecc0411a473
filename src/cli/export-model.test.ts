import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { openGguf } from '../disk/gguf.ts'
import { openSafetensors } from '../disk/safetensors.ts'
import { openTensors, readModelConfig } from '../engine/embedded/model-folder.ts'
import { parameterSpecs } from '../model/parameters.ts'
import { loadTokenizer } from '../text/load-tokenizer.ts'
import { exportCommand } from './export.ts'

const FIXTURES = join(import.meta.dirname, '../../test/golden/fixtures')
const root = mkdtempSync(join(tmpdir(), 'r1-export-'))
let made = 0

async function exported(model: string, format: string, ...flags: string[]): Promise<string> {
  const output = join(root, format === 'gguf' ? `${made++}.gguf` : String(made++))
  const command = exportCommand().exitOverride()
  await command.parseAsync([model, '--format', format, '--output', output, ...flags], { from: 'user' })
  return output
}

describe.each(['llama-tiny', 'qwen2-tiny', 'qwen2-tied-tiny'])('%s', (name) => {
  const model = join(FIXTURES, name)

  it('to GGUF and on to safetensors is the same model', async () => {
    const copy = await exported(await exported(model, 'gguf'), 'safetensors')
    const config = await readModelConfig(copy)
    expect(config).toEqual(await readModelConfig(model))
    const [before, after] = [await openTensors(model), await openTensors(copy)]
    for (const { name: tensor, shape } of parameterSpecs(config))
      expect(await after.read(tensor, shape), tensor).toEqual(await before.read(tensor, shape))
    await Promise.all([before.close(), after.close()])
    const [old, young] = [await loadTokenizer(model), await loadTokenizer(copy)]
    expect(young.encode('abc def')).toEqual(old.encode('abc def'))
    expect(young.eosToken).toBe(old.eosToken)
  })

  it("ONNX Runtime computes transformers' scores, for several rows with padding on either side", async () => {
    const folder = await exported(model, 'onnx')
    const golden = JSON.parse(readFileSync(join(model, 'golden.json'), 'utf8')) as { sequences: number[][] }
    const session = await ort.InferenceSession.create(join(folder, 'model.onnx'))
    const expected = await openSafetensors(join(model, 'golden.safetensors'))
    const length = Math.max(...golden.sequences.map((ids) => ids.length)) + 3
    const padded = golden.sequences.map((ids, row) => {
      const left = row % 2 === 0 ? 0 : length - ids.length
      const at = (i: number) => ids[i - left]
      return Array.from({ length }, (_, i) => ({
        id: at(i) ?? 0,
        present: at(i) === undefined ? 0 : 1,
        position: Math.max(0, i - left),
        left,
      }))
    })
    const int64 = (key: 'id' | 'present' | 'position') =>
      new ort.Tensor(
        'int64',
        BigInt64Array.from(padded.flat(), (token) => BigInt(token[key])),
        [padded.length, length],
      )
    const { logits } = await session.run({
      input_ids: int64('id'),
      attention_mask: int64('present'),
      position_ids: int64('position'),
    })
    const vocabulary = logits!.dims[2]!
    expect(logits!.dims).toEqual([padded.length, length, vocabulary])
    for (const [row, ids] of golden.sequences.entries()) {
      const from = (row * length + padded[row]![0]!.left) * vocabulary
      const found = (logits!.data as Float32Array).subarray(from, from + ids.length * vocabulary)
      const values = await expected.read(`logits.${row}`)
      expect(found.reduce((gap, x, i) => Math.max(gap, Math.abs(x - values[i]!)), 0)).toBeLessThan(1e-4)
    }
    await expected.close()
    await session.release()
  })
})

it.each(['f16', 'bf16', 'q8_0'])('GGUF in %s keeps vectors exact and matrices close', async (dtype) => {
  const model = join(FIXTURES, 'llama-tiny')
  const path = await exported(model, 'gguf', '--dtype', dtype)
  const file = await openGguf(path)
  // Rows of 48 are no whole blocks of Q8_0, those of 64 are.
  expect(file.tensors.get('blk.0.ffn_down.weight')!.dtype).toBe(dtype.toUpperCase())
  expect(file.tensors.get('blk.0.attn_q.weight')!.dtype).toBe(dtype === 'q8_0' ? 'F32' : dtype.toUpperCase())
  await file.close()
  const [before, after] = [await openTensors(model), await openTensors(path)]
  for (const { name, shape } of parameterSpecs(await readModelConfig(path))) {
    const [a, b] = [await before.read(name), await after.read(name, shape)]
    const most = a.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
    const gap = a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0)
    expect(gap, name).toBeLessThanOrEqual(shape.length === 1 ? 0 : most / 250)
  }
  await Promise.all([before.close(), after.close()])
})

it('a tokenizer that llama.cpp lacks goes along whole', async () => {
  const path = await exported('pocket-base', 'gguf')
  const [shipped, inside] = [
    await loadTokenizer(join(import.meta.dirname, '../../models/pocket-base')),
    await loadTokenizer(path),
  ]
  const text = 'Using the numbers 3, 7, 19, make 30 <think> 3 + 7'
  expect(inside.encode(text)).toEqual(shipped.encode(text))
})

describe('refused, with nothing written', () => {
  it.each([
    ['a place that is taken', ['--format', 'onnx', '--output', root], /--output is .*: is there already/],
    [
      'a type of another format',
      ['--format', 'onnx', '--dtype', 'f16', '--output', 'x'],
      /onnx is not written so\. Expected f32/,
    ],
    [
      'no format',
      ['--output', 'x'],
      /--format: missing\. Expected one of safetensors, gguf, onnx, tensorboard/,
    ],
    [
      'two formats',
      ['tensorboard', '--format', 'gguf'],
      /--format is "gguf": the format is tensorboard already/,
    ],
    [
      'a type of metrics',
      ['tensorboard', '--dtype', 'q8_0'],
      /--dtype is "q8_0": tensorboard has no such flag/,
    ],
    ['a model that is followed', ['gguf', '--follow', '--output', 'x.gguf'], /--follow is true: gguf has no/],
    ['no place', ['--format', 'gguf'], /--output: missing\. Expected a new file/],
    ['a GGUF folder', ['--format', 'gguf', '--output', 'x'], /Expected a name that ends in \.gguf/],
  ])('%s', async (_, flags, message) => {
    const before = readdirSync(root)
    await expect(exportCommand().parseAsync(['pocket-base', ...flags], { from: 'user' })).rejects.toThrow(
      message,
    )
    expect(readdirSync(root)).toEqual(before)
  })
})
