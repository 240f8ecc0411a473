/** Models with a scalar head against transformers' classifiers of one label; tools/scalar_head_golden.py makes the fixtures. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSafetensors } from '../../src/disk/safetensors.ts'
import { readModelConfig } from '../../src/engine/embedded/model-folder.ts'
import { createScalarModel } from '../../src/engine/embedded/scalar-model.ts'
import { mul, sub } from '../../src/graph/operations.ts'
import type { ValueObjective } from '../../src/objectives/objective.ts'

interface Golden {
  models: Record<string, { targets: number[][]; weights: number[][]; loss: number }>
}

const FIXTURES = join(import.meta.dirname, 'fixtures')
const read = <T>(...path: string[]) => JSON.parse(readFileSync(join(FIXTURES, ...path), 'utf8')) as T
const { models } = read<Golden>('scalar-head', 'golden.json')
const squaredError: ValueObjective = {
  key: 'squared error',
  inputs: ['targets'],
  build({ values, input }) {
    const error = sub(values, input('targets'))
    return { loss: mul(error, error), statistics: { value: values } }
  },
}
const adamw = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientClipNorm: 1,
}

describe.each(Object.entries(models))('%s', (name, { targets, weights, loss: expectedLoss }) => {
  const sequences = read<{ sequences: number[][] }>(name, 'golden.json').sequences.map((s) =>
    Int32Array.from(s),
  )
  const data = sequences.map((tokens, s) => ({
    tokens,
    weights: Float32Array.from(weights[s]!),
    inputs: { targets: Float32Array.from(targets[s]!) },
  }))
  const golden = () => openSafetensors(join(FIXTURES, 'scalar-head', `${name}.safetensors`))
  const open = async () => {
    const model = createScalarModel({ config: await readModelConfig(join(FIXTURES, name)), minRowLength: 32 })
    await model.load(join(FIXTURES, name))
    const expected = await golden()
    model.weights.states['score.weight']!.write(await expected.read('score.weight'))
    await expected.close()
    return model
  }

  it('gives the same value after every token to 1e-4', async () => {
    const model = await open()
    const expected = await golden()
    const values = await model.values(sequences)
    for (const [s, sequence] of values.entries()) {
      expect(sequence.length).toBe(sequences[s]!.length)
      expect(largestGap(sequence, await expected.read(`values.${s}`))).toBeLessThan(1e-4)
    }
    await expected.close()
    model.close()
  })

  it("gives every parameter's gradient to 1e-3 relative", async () => {
    const model = await open()
    const { loss, values } = await model.forwardBackward(data, squaredError)
    expect(loss).toBeCloseTo(expectedLoss, 4)
    const expected = await golden()
    expect(largestGap(values[1]!, await expected.read('values.1'))).toBeLessThan(1e-4)
    for (const { name: parameter } of model.weights.specs) {
      if (parameter.endsWith('e_score_correction_bias')) continue
      const gradient = await expected.read(`gradient.${parameter}`)
      const scale = Math.max(...gradient.map(Math.abs))
      expect(
        largestGap(await model.gradient.states[parameter]!.read(), gradient) / scale,
        parameter,
      ).toBeLessThan(1e-3)
    }
    await expected.close()
    model.close()
  })

  it('comes back whole from a folder it wrote, optimiser included', async () => {
    const step = async (model: Awaited<ReturnType<typeof open>>) => {
      const { loss, statistics } = await model.forwardBackward(data, squaredError)
      await model.optimStep(adamw)
      return [loss, statistics.value]
    }
    const model = await open()
    await step(model)
    const saved = await mkdtemp(join(tmpdir(), 'r1-scalar-'))
    await model.save(saved, { optimizer: true })
    const config = JSON.parse(readFileSync(join(saved, 'config.json'), 'utf8'))
    expect(config.architectures[0]).toMatch(/ForSequenceClassification$/)
    expect(Object.keys(config.id2label)).toEqual(['0'])
    const other = createScalarModel({ config: await readModelConfig(saved), seed: 9, minRowLength: 32 })
    await other.load(saved, { optimizer: true })
    expect([await step(other), await step(other)]).toEqual([await step(model), await step(model)])
    await rm(saved, { recursive: true })
    model.close()
    other.close()
  })
})

it('draws its head from the seed where a language model is loaded', async () => {
  const folder = join(FIXTURES, 'qwen2-tiny')
  const config = await readModelConfig(folder)
  const heads = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const model = createScalarModel({ config, seed })
      await model.load(folder)
      return Array.from(await model.weights.states['score.weight']!.read())
    }),
  )
  expect(heads[1]).toEqual(heads[0])
  expect(heads[2]).not.toEqual(heads[0])
})

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let gap = 0
  for (let i = 0; i < a.length; i++) gap = Math.max(gap, Math.abs(a[i]! - b[i]!))
  return gap
}
