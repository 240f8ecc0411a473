import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../random.ts'
import { differentiate } from './differentiate.ts'
import { evaluate } from './evaluate.ts'
import { toOnnx } from './onnx.ts'
import * as g from './operations.ts'
import { is, sizeOf, type Tensor, topologicalOrder } from './tensor.ts'

const stream = randomStream(1, 'graph')
const normals = (n: number) => Float64Array.from({ length: n }, () => stream.normal())
const ints = (...values: number[]) => g.constant(values, [values.length], 'int64')

/** Each case builds an expression of its float inputs; `positive` keeps them away from poles and ties. */
const CASES: [string, number[][], (...x: Tensor[]) => Tensor, { positive?: boolean }?][] = [
  ['add, broadcast', [[2, 3], [3]], (a, b) => g.add(a!, b!)],
  [
    'sub, broadcast',
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => g.sub(a!, b!),
  ],
  ['mul, broadcast scalar', [[2, 3], []], (a, b) => g.mul(a!, b!)],
  ['div', [[2, 3], [3]], (a, b) => g.div(a!, b!), { positive: true }],
  [
    'minimum',
    [
      [4, 3],
      [4, 3],
    ],
    (a, b) => g.minimum(a!, b!),
  ],
  ['maximum, broadcast', [[4, 3], [3]], (a, b) => g.maximum(a!, b!)],
  ['clip', [[10]], (a) => g.clip(a!, -0.5, 0.7)],
  ['where', [[6], [6]], (a, b) => g.where(g.less(g.stopGradient(a!), 0), a!, b!)],
  ['neg', [[5]], (a) => g.neg(a!)],
  ['exp', [[5]], (a) => g.exp(a!)],
  ['log', [[5]], (a) => g.log(a!), { positive: true }],
  ['sqrt', [[5]], (a) => g.sqrt(a!), { positive: true }],
  ['abs', [[5]], (a) => g.abs(a!)],
  ['sigmoid', [[5]], (a) => g.sigmoid(a!)],
  ['silu', [[5]], (a) => g.silu(a!)],
  ['reshape', [[2, 6]], (a) => g.reshape(a!, [3, 4])],
  ['expand', [[2, 1, 3]], (a) => g.expand(a!, [4, 2, 5, 3])],
  ['transpose', [[2, 3, 4]], (a) => g.transpose(a!, [2, 0, 1])],
  ['slice', [[3, 5]], (a) => g.slice(a!, -1, 1, 4)],
  [
    'concat',
    [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    (a, b, c) => g.concat([a!, b!, c!], 1),
  ],
  ['sum', [[2, 3, 4]], (a) => g.sum(a!, [0, 2])],
  ['sum, kept', [[2, 3]], (a) => g.sum(a!, [-1], true)],
  [
    'matmul',
    [
      [3, 4],
      [4, 2],
    ],
    (a, b) => g.matmul(a!, b!),
  ],
  [
    'matmul, transposed left',
    [
      [4, 3],
      [4, 2],
    ],
    (a, b) => g.matmul(a!, b!, { transposeA: true }),
  ],
  [
    'matmul, transposed right',
    [
      [3, 4],
      [2, 4],
    ],
    (a, b) => g.matmul(a!, b!, { transposeB: true, scale: 0.3 }),
  ],
  [
    'matmul, both',
    [
      [4, 3],
      [2, 4],
    ],
    (a, b) => g.matmul(a!, b!, { transposeA: true, transposeB: true }),
  ],
  [
    'matmul, batched',
    [
      [2, 2, 3, 4],
      [2, 2, 4, 2],
    ],
    (a, b) => g.matmul(a!, b!),
  ],
  [
    'matmul, batched, transposed',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    (a, b) => g.matmul(a!, b!, { transposeB: true, scale: 2 }),
  ],
  [
    'matmul, batched, left',
    [
      [2, 4, 3],
      [2, 4, 5],
    ],
    (a, b) => g.matmul(a!, b!, { transposeA: true }),
  ],
  ['softmax', [[3, 5]], (a) => g.softmax(a!)],
  ['logSoftmax', [[3, 5]], (a) => g.logSoftmax(a!)],
  ['rmsNormalize', [[3, 6]], (a) => g.rmsNormalize(a!, 1e-3)],
  ['rotary [B, T, H·d]', [[2, 3, 8]], (a) => rotate(a!, false)],
  ['rotary [B, H, T, d]', [[2, 2, 3, 4]], (a) => rotate(a!, false)],
  ['rotary, interleaved', [[2, 2, 3, 4]], (a) => rotate(a!, true)],
  ['gather', [[5, 3]], (a) => g.gather(a!, ints(4, 0, 4, 2))],
  ['scatterAdd', [[4, 3]], (a) => g.scatterAdd(5, ints(4, 0, 4, 2), a!)],
  ['gatherElements', [[2, 5]], (a) => g.gatherElements(a!, g.constant([4, 1, 0, 3], [2, 2], 'int64'))],
  [
    'scatterElementsAdd',
    [
      [2, 5],
      [2, 2],
    ],
    (a, b) => g.scatterElementsAdd(a!, g.constant([4, 4, 0, 3], [2, 2], 'int64'), b!),
  ],
  ['top-k routing', [[3, 6]], (a) => g.gatherElements(g.sigmoid(a!), g.topK(a!, 2))],
  ['permuteRows', [[4, 3]], (a) => g.permuteRows(a!, ints(2, 0, 3, 1), ints(1, 3, 0, 2))],
  [
    'groupedLinear',
    [
      [5, 3],
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    (a, ...weights) => g.groupedLinear(a!, ints(2, 0, 3), weights),
  ],
  [
    'groupedLinear, transposed',
    [
      [5, 3],
      [3, 2],
      [3, 2],
      [3, 2],
    ],
    (a, ...weights) => g.groupedLinear(a!, ints(0, 4, 1), weights, true),
  ],
  ['targetLogProbs', [[3, 6]], (a) => g.targetLogProbs(a!, ints(5, 0, 2))],
  ['a tensor used twice', [[3]], (a) => g.mul(g.exp(a!), g.add(a!, g.sigmoid(a!)))],
]

function rotate(x: Tensor, interleaved: boolean): Tensor {
  const angles = [0, 1, 2, 3].flatMap((p) => [p * 1, p * 0.3])
  const cos = g.constant(angles.map(Math.cos), [4, 2])
  const sin = g.constant(angles.map(Math.sin), [4, 2])
  return g.rotary(x, g.constant([0, 1, 2, 3, 1, 0], [2, 3], 'int64'), cos, sin, interleaved)
}

describe.each(CASES)('%s', (_, shapes, build, { positive = false } = {}) => {
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape))
  const feeds = Object.fromEntries(
    shapes.map((shape, i) => [
      `x${i}`,
      normals(sizeOf(shape)).map((v) => (positive ? 0.5 + Math.abs(v) : v)),
    ]),
  )
  const y = build(...inputs)
  // A fixed random weighting turns any result into a scalar whose gradient sees every element.
  const loss = g.sum(g.mul(y, g.constant(normals(sizeOf(y.shape)), y.shape)))
  const gradients = differentiate(loss, inputs)

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
