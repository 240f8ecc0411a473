/**
 * A decoder as one plain ONNX model: token ids, attention mask and positions in, scores of every next token out, any
 * number of rows and tokens. ONNX Runtime runs it; the rotary positions, norms and SiLU are its own operators. The
 * weights are in a file beside the model, since one protobuf message holds at most 2 GB. Left out: a cache of keys and
 * values, so generating text computes the whole row for every token.
 */
import { join } from 'node:path'
import { replaceFile } from '../disk/replace-file.ts'
import type { TensorStore } from '../disk/tensor-store.ts'
import { CheckpointError } from '../errors.ts'
import { toOnnx } from '../graph/onnx.ts'
import { and, equal, input, lessOrEqual, reshape, where } from '../graph/operations.ts'
import { sizeOf, type Tensor } from '../graph/tensor.ts'
import type { DecoderConfig } from './config.ts'
import { decoder, outputHead } from './decoder.ts'
import { parameterSpecs } from './parameters.ts'
import { ropeShape, ropeTables } from './rope.ts'

const ONNX_MODEL = 'model.onnx'
const ONNX_WEIGHTS = 'model.onnx.data'

/** Primes stand for the open dimensions while the graph is built. */
const AXES = { batch: 10007, sequence: 10037 }

/** Writes model.onnx and model.onnx.data to a folder, one tensor in memory at a time. */
export async function writeOnnxModel(
  folder: string,
  config: DecoderConfig,
  tensors: TensorStore,
): Promise<void> {
  // The experts' dispatch is laid out for a number of tokens that is known.
  if (config.architecture === 'deepseek_v3' || config.architecture === 'qwen3_moe')
    throw new CheckpointError('has no plain ONNX form here.', {
      field: 'architecture',
      value: config.architecture,
      expected: 'a model without experts',
      remedy: 'Export it as safetensors.',
    })
  const tables = ropeTables(config)
  const table = ropeShape(config)
  const stored: { name: string; shape: readonly number[]; data: () => Promise<Float32Array> }[] = [
    ...parameterSpecs(config).map(({ name, shape }) => ({
      name,
      shape,
      data: () => tensors.read(name, shape),
    })),
    { name: 'cos', shape: table, data: async () => tables.cos },
    { name: 'sin', shape: table, data: async () => tables.sin },
  ]
  const places = new Map<string, { offset: number; length: number }>()
  let offset = 0
  for (const { name, shape } of stored) {
    const length = sizeOf(shape) * 4
    places.set(name, { offset, length })
    offset += length
  }
  const model = toOnnx(logitsGraph(config, new Map(stored.map(({ name, shape }) => [name, shape]))), {
    open: AXES,
    external: { file: ONNX_WEIGHTS, places },
  })
  await replaceFile(join(folder, ONNX_WEIGHTS), async (write) => {
    for (const { data } of stored) {
      const values = await data()
      await write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
  })
  await replaceFile(join(folder, ONNX_MODEL), model)
}

function logitsGraph(
  config: DecoderConfig,
  shapes: ReadonlyMap<string, readonly number[]>,
): Record<string, Tensor> {
  const { batch: R, sequence: T } = AXES
  const stored = new Map([...shapes].map(([name, shape]) => [name, input(name, shape)]))
  const parameter = (name: string) => stored.get(name)!
  const tokens = input('input_ids', [R, T], 'int64')
  const positions = input('position_ids', [R, T], 'int64')
  const present = equal(reshape(input('attention_mask', [R, T], 'int64'), [R, 1, 1, T]), 1)
  const earlier = lessOrEqual(reshape(positions, [R, 1, 1, T]), reshape(positions, [R, 1, T, 1]))
  const { hidden_ND } = decoder(
    config,
    { tokens, positions, cos: parameter('cos'), sin: parameter('sin'), parameter },
    { kind: 'row', mask_R1TT: where(and(earlier, present), 0, -1e9) },
  )
  return { logits: reshape(outputHead(config, hidden_ND, parameter), [R, T, config.vocabularySize]) }
}
