/** Every operation of tensor graphs on small inputs, for the tests of the interpreter and of each runtime. */
import { differentiate } from '../src/graph/differentiate.ts'
import * as g from '../src/graph/operations.ts'
import { sizeOf, type Tensor } from '../src/graph/tensor.ts'
import { randomStream } from '../src/random.ts'

const stream = randomStream(1, 'graph')
const normals = (n: number) => Float64Array.from({ length: n }, () => stream.normal())
const ints = (...values: number[]) => g.constant(values, [values.length], 'int64')

/** Each case builds an expression of its float inputs; `positive` keeps them away from poles and ties. */
export const CASES: [string, number[][], (...x: Tensor[]) => Tensor, { positive?: boolean }?][] = [
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

export interface OperationCase {
  name: string
  inputs: Tensor[]
  y: Tensor
  /** A fixed random weighting turns any result into a scalar whose gradient sees every element. */
  loss: Tensor
  gradients: Tensor[]
  feeds: Record<string, Float64Array>
}

/** Sizes beside the edges of tiles, workgroups and loops, for kernels; too many elements for finite differences. */
export const KERNEL_CASES: typeof CASES = [
  ...[
    [1, 40],
    [2, 65],
    [8, 33],
    [9, 70],
    [33, 9],
    [64, 64],
    [65, 3],
  ].flatMap(([m, n]): typeof CASES =>
    [
      { transposeA: false, transposeB: false },
      { transposeA: false, transposeB: true },
      { transposeA: true, transposeB: false },
      { transposeA: true, transposeB: true },
    ].map(({ transposeA, transposeB }, i) => {
      const k = [
        [20, 64, 68, 4],
        [17, 64, 66, 3],
      ][(m! + n!) % 2]![i]!
      const batch = i % 2 === 0 ? [] : [2]
      return [
        `matmul ${m} × ${k} × ${n}${transposeA ? ', left transposed' : ''}${transposeB ? ', right transposed' : ''}`,
        [
          [...batch, ...(transposeA ? [k, m!] : [m!, k])],
          [...batch, ...(transposeB ? [n!, k] : [k, n!])],
        ],
        (a, b) => g.matmul(a!, b!, { transposeA, transposeB, scale: i === 3 ? 0.7 : 1 }),
      ]
    }),
  ),
  ['softmax of long rows', [[3, 2, 100]], (a) => g.softmax(a!)],
  ['logSoftmax of long rows', [[3, 300]], (a) => g.logSoftmax(a!)],
  ['rmsNormalize of long rows', [[5, 192]], (a) => g.rmsNormalize(a!, 1e-5)],
  ['sum over rows', [[70, 40]], (a) => g.sum(a!, [0])],
  ['sum over rows of few columns', [[70, 3]], (a) => g.sum(a!, [0], true)],
  ['sum over two axes', [[9, 40, 5]], (a) => g.sum(a!, [0, 2])],
  ['sum of everything', [[130, 150]], (a) => g.sum(a!)],
  ['max of long rows', [[7, 90]], (a) => g.mul(g.exp(g.sub(a!, g.max(a!))), 2)],
  ['more workgroups than one dimension has', [[30, 500]], (a) => g.mul(g.neg(a!), 3)],
  [
    'a product with work on its operands and its result',
    [[20, 24], [24], [36, 24], [36], [20, 36]],
    (x, gain, w, bias, residual) =>
      g.add(residual!, g.silu(g.add(g.linear(g.rmsNormalize(x!, 1e-5), g.mul(w!, gain!)), bias!))),
  ],
  [
    'a product of two products',
    [
      [20, 12],
      [30, 12],
      [30, 12],
    ],
    (x, gate, up) => g.mul(g.silu(g.linear(x!, gate!)), g.linear(x!, up!)),
  ],
  [
    'heads apart and together again',
    [[2, 5, 24]],
    (x) => g.reshape(g.transpose(g.reshape(g.exp(x!), [2, 5, 4, 6]), [0, 2, 1, 3]), [8, 30]),
  ],
  [
    'attention with two query heads a key head',
    [
      [2, 5, 24],
      [2, 5, 12],
      [2, 5, 12],
    ],
    (q, k, v) => {
      const query = g.reshape(g.transpose(g.reshape(q!, [2, 5, 2, 2, 6]), [0, 2, 3, 1, 4]), [2, 2, 10, 6])
      const heads = (x: Tensor) => g.transpose(g.reshape(x, [2, 5, 2, 6]), [0, 2, 1, 3])
      const weights = g.softmax(g.matmul(query, heads(k!), { transposeB: true, scale: 0.4 }))
      return g.matmul(weights, heads(v!))
    },
  ],
  [
    'a product over heads and their parts, and one over rows of heads',
    [
      [3, 2, 12, 8],
      [16, 20],
      [36, 20],
    ],
    (x, w, y) => {
      const joined = g.reshape(g.transpose(x!, [0, 2, 1, 3]), [36, 16])
      return g.concat([g.matmul(joined, w!), g.matmul(joined, y!, { transposeA: true })], 0)
    },
  ],
  [
    'a reshape that cuts across',
    [[6, 10]],
    (x) => g.reshape(g.transpose(g.reshape(g.mul(x!, 2), [3, 4, 5]), [1, 0, 2]), [6, 10]),
  ],
  [
    'many tensors in one expression',
    Array.from({ length: 14 }, () => [4, 6]),
    (...x) => x.reduce((sum, y, i) => g.add(sum, i % 2 === 0 ? g.mul(y, i + 1) : g.neg(y))),
  ],
  [
    'many tensors end to end',
    Array.from({ length: 7 }, (_, i) => [2, i + 1]),
    (...x) =>
      g.concat(
        x.map((y) => g.neg(y)),
        1,
      ),
  ],
  [
    'rows added to few places',
    [[150, 5]],
    (x) =>
      g.scatterAdd(
        9,
        g.constant(
          Array.from({ length: 150 }, (_, i) => (i * i) % 7),
          [150],
          'int64',
        ),
        x!,
      ),
  ],
  ['the best of many', [[2, 5000]], (x) => g.gatherElements(x!, g.topK(g.stopGradient(x!), 3))],
  [
    'groups of rows',
    [
      [37, 20],
      [18, 20],
      [18, 20],
      [18, 20],
    ],
    (x, ...weights) => g.groupedLinear(x!, g.constant([9, 0, 28], [3], 'int64'), weights),
  ],
]

/** The cases with values for their inputs `<prefix>0`, `<prefix>1`, …. */
export function operationCase(
  [name, shapes, build, { positive = false } = {}]: (typeof CASES)[number],
  prefix = 'x',
): OperationCase {
  const inputs = shapes.map((shape, i) => g.input(`${prefix}${i}`, shape))
  const feeds = Object.fromEntries(
    shapes.map((shape, i) => [
      `${prefix}${i}`,
      normals(sizeOf(shape)).map((v) => (positive ? 0.5 + Math.abs(v) : v)),
    ]),
  )
  const y = build(...inputs)
  const loss = g.sum(g.mul(y, g.constant(normals(sizeOf(y.shape)), y.shape)))
  return { name, inputs, y, loss, gradients: differentiate(loss, inputs), feeds }
}
