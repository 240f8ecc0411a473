import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { CASES, operationCase } from '../../test/operation-cases.ts'
import { differentiate } from './differentiate.ts'
import { evaluate } from './evaluate.ts'
import { toOnnx } from './onnx.ts'
import * as g from './operations.ts'
import { is, type Tensor, topologicalOrder } from './tensor.ts'

describe.each(CASES)('%s', (...example) => {
  const { inputs, y, loss, gradients, feeds } = operationCase(example)

  it('agrees with finite differences', () => {
    const analytic = evaluate(gradients, feeds)
    inputs.forEach((_, i) => {
      const name = `x${i}`
      feeds[name]!.forEach((value, j) => {
        const at = (delta: number) =>
          evaluate([loss], { ...feeds, [name]: feeds[name]!.with(j, value + delta) })[0]![0]!
        expect(analytic[i]![j]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5)
      })
    })
  })

  it('is the same in ONNX Runtime: value and gradient', async () => {
    const outputs = { y, ...Object.fromEntries(gradients.map((d, i) => [`d${i}`, d])) }
    const session = await ort.InferenceSession.create(toOnnx(outputs), { logSeverityLevel: 3 })
    const used = topologicalOrder(Object.values(outputs)).filter((x) => is(x, 'input'))
    const results = await session.run(
      Object.fromEntries(
        used.map((x) => {
          const { name } = x.attributes as { name: string }
          return [name, new ort.Tensor('float32', Float32Array.from(feeds[name]!), x.shape)]
        }),
      ),
    )
    const expected = evaluate(Object.values(outputs), feeds)
    Object.keys(outputs).forEach((name, i) => {
      const got = results[name]!.data as Float32Array
      expect(got).toHaveLength(expected[i]!.length)
      expected[i]!.forEach((value, j) => {
        expect(Math.abs(got[j]! - value)).toBeLessThan(1e-4 * (1 + Math.abs(value)))
      })
    })
    await session.release()
  })
})

describe('differentiate', () => {
  it('stops at stopGradient and gives zeros where nothing depends', () => {
    const [a, b] = [g.input('a', [2]), g.input('b', [2])]
    const [da, db] = differentiate(g.sum(g.mul(g.stopGradient(a), a)), [a, b])
    expect(Array.from(evaluate([da!], { a: [3, 4] })[0]!)).toEqual([3, 4])
    expect(Array.from(evaluate([db!], { b: [0, 0] })[0]!)).toEqual([0, 0])
  })

  it('refuses a loss that is not a scalar', () => {
    expect(() => differentiate(g.input('a', [2]), [])).toThrow('shape [2]')
  })
})

describe('scatterAdd in ONNX Runtime', () => {
  it('loses no addition where rows come many times, in several threads', async () => {
    const [n, width, rows] = [8192, 64, 3]
    const places = Array.from({ length: n }, (_, i) => i % rows)
    const sum = g.scatterAdd(rows, g.input('at', [n], 'int64'), g.input('x', [n, width]))
    const options = { intraOpNumThreads: 2, logSeverityLevel: 3 } as const
    const session = await ort.InferenceSession.create(toOnnx({ sum }), options)
    const x = new ort.Tensor('float32', new Float32Array(n * width).fill(1), [n, width])
    const at = new ort.Tensor('int64', BigInt64Array.from(places, BigInt), [n])
    const expected = Array.from({ length: rows }, (_, row) => places.filter((at) => at === row).length)
    for (let i = 0; i < 10; i++) {
      const { data } = (await session.run({ x, at })).sum!
      expect([...(data as Float32Array)]).toEqual(expected.flatMap((count) => Array(width).fill(count)))
    }
    await session.release()
  })
})

it('a packed matrix is widened for each product that reads it, so that none is kept for the gradient', () => {
  const x = g.input('x', [3, 64])
  const weight = g.cast(g.state('w', [32, 64], 'Q8_0'), 'float32')
  const y = g.linear(x, weight)
  const [dx] = differentiate(g.sum(g.mul(y, y)), [x])
  const times = (outputs: Record<string, Tensor>) =>
    Buffer.from(toOnnx(outputs)).toString('latin1').split('DequantizeLinear').length - 1
  expect(times({ y })).toBe(1)
  expect(times({ y, dx: dx! })).toBe(2)
})
