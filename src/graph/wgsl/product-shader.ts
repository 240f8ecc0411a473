import type { Memory, Shader } from './draft.ts'
import type { Expression } from './expression.ts'
import type { ProductKernel } from './fuse.ts'
import type { LinearForm } from './linear-form.ts'
import type { Node } from './nodes.ts'
import { type Operand, operandOf } from './product-operands.ts'
import { createShaderWriter, type ShaderWriter, topScope } from './shader.ts'

const FEW = 8
const FOUR = [0, 1, 2, 3]
const TILE = 4

interface Sizes {
  batch: number
  m: number
  n: number
  k: number
}

/** A kernel's parts as the three forms of product need them. */
interface Product {
  writer: ShaderWriter
  size: Sizes
  dims: Record<keyof Sizes, number[]>
  left: Operand
  right: Operand
  /** The function that takes batch, row, column and sum. */
  put: string
}

export function productShader(kernel: ProductKernel, memory: Memory, cooperative: boolean): Shader {
  const { target, dimensions, left, right, value, store, product } = kernel
  const writer = createShaderWriter(memory, target, dimensions, [left, right, value], [store])
  const dimsOf = (group: string) => dimensions.flatMap((d, i) => (d.group === group ? [i] : []))
  const dims = { batch: dimsOf('batch'), m: dimsOf('m'), n: dimsOf('n'), k: dimsOf('k') }
  const count = (list: number[]) => list.reduce((total, d) => total * dimensions[d]!.size, 1)
  const size = { batch: count(dims.batch), m: count(dims.m), n: count(dims.n), k: count(dims.k) }
  const operand = (name: string, x: Expression, rows: readonly number[]) =>
    operandOf(name, x, rows, writer, memory, dimensions)
  const parts: Product = {
    writer,
    size,
    dims,
    left: operand('left', left, dims.m),
    right: operand('right', right, dims.n),
    put: declarePut(writer, dims, product.attributes.scale!, value, target, store),
  }
  if (size.m <= FEW) return fewRows(parts, 'm', cooperative)
  if (size.n <= FEW) return fewRows(parts, 'n', cooperative)
  return cooperative ? tiled(parts) : registers(parts)
}

/** The threads of a product's workgroups, as long as it is known to be cooperative. */
export function productThreads({ dimensions }: ProductKernel): number {
  const count = (group: string) =>
    dimensions.reduce((total, d) => (d.group === group ? total * d.size : total), 1)
  const size = { m: count('m'), n: count('n') }
  return Math.min(size.m, size.n) <= FEW ? 64 : (sideOf(size) / TILE) ** 2
}

/** Results along each side of a workgroup's tile: fewer where there are few in all. */
const sideOf = ({ m, n }: Pick<Sizes, 'm' | 'n'>): number => (m > 32 && n > 32 ? 64 : 32)

/** `put(batch, m, n, sum)`: what is done to one result, and where it goes. */
function declarePut(
  writer: ShaderWriter,
  dims: Product['dims'],
  scale: number,
  value: Expression,
  target: Node,
  store: LinearForm,
): string {
  const scope = topScope()
  writer.decompose('batch', dims.batch, scope)
  writer.decompose('m', dims.m, scope)
  writer.decompose('n', dims.n, scope)
  writer.product = 'sum'
  if (scale !== 1) {
    scope.lines.push(`let scaled = sum * ${writer.float(scale)};`)
    writer.product = 'scaled'
  }
  const result = writer.value(value, scope)
  scope.lines.push(writer.store(target, writer.index(store, scope), result))
  const name = writer.unique('put')
  writer.declare(`fn ${name}(batch: u32, m: u32, n: u32, sum: f32) {\n${scope.lines.join('\n')}\n}`)
  return name
}

/** Each thread 4 × 4 results, straight from memory. */
function registers({ writer, size, left, right, put }: Product): Shader {
  const threads = 64
  const [tilesM, tilesN] = [Math.ceil(size.m / TILE), Math.ceil(size.n / TILE)]
  const total = size.batch * tilesM * tilesN
  const [numM, numN, numK] = [writer.uniform(size.m), writer.uniform(size.n), writer.uniform(size.k)]
  const [countM, countN] = [writer.uniform(tilesM), writer.uniform(tilesN)]
  const lines = [
    `let tile = workgroup * ${threads}u + local;`,
    `if (tile >= ${writer.uniform(total)}) { return; }`,
    `let n = (tile % ${countN}) * 4u;`,
    `let m = (tile / ${countN} % ${countM}) * 4u;`,
    `let batch = tile / ${countN} / ${countM};`,
  ]
  const leftRows = FOUR.map((i) => left.row('batch', `min(m + ${i}u, ${numM} - 1u)`, lines))
  const rightRows = FOUR.map((i) => right.row('batch', `min(n + ${i}u, ${numN} - 1u)`, lines))
  const loop: string[] = []
  const fours = size.k % 4 === 0 && left.vectors !== undefined && right.vectors !== undefined
  if (fours) {
    fourSteps(left, 'l', leftRows, loop)
    fourSteps(right, 'r', rightRows, loop)
    for (const j of FOUR) {
      const across = FOUR.map((i) => `r${i}.${'xyzw'[j]}`).join(', ')
      loop.push(`let b${j} = ${right.vectors!.along === 'row' ? `r${j}` : `vec4<f32>(${across})`};`)
    }
    for (const i of FOUR) {
      const factor = (j: number) =>
        left.vectors!.along === 'row' ? `l${j}.${'xyzw'[i]}` : `l${i}.${'xyzw'[j]}`
      loop.push(`c${i} += ${FOUR.map((j) => `${factor(j)} * b${j}`).join(' + ')};`)
    }
  } else {
    const [leftStep, rightStep] = [left.step('k', loop), right.step('k', loop)]
    loop.push(`let r = vec4<f32>(${rightRows.map((row) => right.read(row, rightStep)).join(', ')});`)
    for (const i of FOUR) loop.push(`c${i} += ${left.read(leftRows[i]!, leftStep)} * r;`)
  }
  lines.push(
    ...FOUR.map((i) => `var c${i} = vec4<f32>();`),
    `for (var k = 0u; k < ${numK}; k += ${fours ? 4 : 1}u) {`,
    ...loop,
    '}',
    ...putAll(put, numM, numN),
  )
  return writer.finish(lines.join('\n'), threads, Math.ceil(total / threads))
}

/** Four vectors for four rows at four steps of k: one a row, or one a step. */
function fourSteps(operand: Operand, name: string, rows: readonly string[], loop: string[]): void {
  const { along, read } = operand.vectors!
  const first = along === 'k' ? operand.step('k', loop) : undefined
  for (const i of FOUR) {
    const vector = first ? read(rows[i]!, first) : read(rows[0]!, operand.step(`k + ${i}u`, loop))
    loop.push(`let ${name}${i} = ${vector};`)
  }
}

const putAll = (put: string, numM: string, numN: string): string[] => [
  'var results = array<vec4<f32>, 4>(c0, c1, c2, c3);',
  `for (var i = 0u; i < 4u && m + i < ${numM}; i++) {`,
  `for (var j = 0u; j < 4u && n + j < ${numN}; j++) { ${put}(batch, m + i, n + j, results[i][j]); }`,
  '}',
]

/** A workgroup 64 × 64 or 32 × 32 results, 16 of k at a time through workgroup memory. */
function tiled({ writer, size, left, right, put }: Product): Shader {
  const side = sideOf(size)
  const across = side / TILE
  const threads = across * across
  const deep = 16
  const [tilesM, tilesN] = [Math.ceil(size.m / side), Math.ceil(size.n / side)]
  const [numM, numN, numK] = [writer.uniform(size.m), writer.uniform(size.n), writer.uniform(size.k)]
  const [countM, countN] = [writer.uniform(tilesM), writer.uniform(tilesN)]
  const tile = (name: string) => writer.workgroupArray(name, 'vec4<f32>', across * deep)
  const [leftTile, rightTile] = [tile('left'), tile('right')]
  const lines = [
    `let n0 = (workgroup % ${countN}) * ${side}u;`,
    `let m0 = (workgroup / ${countN} % ${countM}) * ${side}u;`,
    `let batch = workgroup / ${countN} / ${countM};`,
    `if (batch >= ${writer.uniform(size.batch)}) { return; }`,
    `let tx = local % ${across}u;`,
    `let ty = local / ${across}u;`,
  ]
  const loop: string[] = []
  const slices = (across * deep) / threads
  const load = (operand: Operand, name: string, from: string, most: string) => {
    // Neighbouring threads read neighbouring numbers.
    const byK = operand.alongK === 1
    for (let slice = 0; slice < slices; slice++) {
      const at = `(local + ${slice * threads}u)`
      const [kk, four] = byK
        ? [`${at} % ${deep}u`, `${at} / ${deep}u`]
        : [`${at} / ${across}u`, `${at} % ${across}u`]
      const [k, quad, sum] = [writer.fresh(), writer.fresh(), writer.fresh()]
      loop.push(`let ${k} = ${kk};`, `let ${quad} = ${four};`, `var ${sum} = vec4<f32>();`)
      const inner: string[] = []
      const step = operand.step(`k0 + ${k}`, inner)
      const reads = FOUR.map((i) => {
        const row = operand.row('batch', `min(${from} + ${quad} * 4u + ${i}u, ${most} - 1u)`, inner)
        return operand.read(row, step)
      })
      loop.push(`if (k0 + ${k} < ${numK}) {`, ...inner, `${sum} = vec4<f32>(${reads.join(', ')});`, '}')
      loop.push(`${name}[${k} * ${across}u + ${quad}] = ${sum};`)
    }
  }
  load(left, leftTile, 'm0', numM)
  load(right, rightTile, 'n0', numN)
  lines.push(
    ...FOUR.map((i) => `var c${i} = vec4<f32>();`),
    `for (var k0 = 0u; k0 < ${numK}; k0 += ${deep}u) {`,
    ...loop,
    'workgroupBarrier();',
    `for (var k = 0u; k < ${deep}u; k++) {`,
    `let l = ${leftTile}[k * ${across}u + ty];`,
    `let r = ${rightTile}[k * ${across}u + tx];`,
    ...FOUR.map((i) => `c${i} += l.${'xyzw'[i]} * r;`),
    '}',
    'workgroupBarrier();',
    '}',
    'let m = m0 + ty * 4u;',
    'let n = n0 + tx * 4u;',
    ...putAll(put, numM, numN),
  )
  return writer.finish(lines.join('\n'), threads, size.batch * tilesM * tilesN)
}

/** A thread, or several that share k, for each index of the side that is not few. */
function fewRows({ writer, size, left, right, put }: Product, few: 'm' | 'n', cooperative: boolean): Shader {
  const threads = 64
  const [fewOperand, manyOperand] = few === 'm' ? [left, right] : [right, left]
  const [numFew, numMany] = few === 'm' ? [size.m, size.n] : [size.n, size.m]
  const contiguous = manyOperand.alongK === 1
  const lanes = !cooperative || size.k < 64 ? 1 : contiguous ? 16 : 8
  const perGroup = threads / lanes
  const total = size.batch * numMany
  const [many, numK] = [writer.uniform(numMany), writer.uniform(size.k)]
  const [own, lane] = contiguous
    ? [`local / ${lanes}u`, `local % ${lanes}u`]
    : [`local % ${perGroup}u`, `local / ${perGroup}u`]
  const lines = [
    `let own = workgroup * ${perGroup}u + ${lanes === 1 ? 'local' : own};`,
    `let lane = ${lanes === 1 ? '0u' : lane};`,
  ]
  const last = writer.uniform(total)
  lines.push(
    ...(lanes === 1 ? [`if (own >= ${last}) { return; }`] : []),
    `let at = min(own, ${last} - 1u);`,
    `let batch = at / ${many};`,
    `let item = at % ${many};`,
  )
  const manyRow = manyOperand.row('batch', 'item', lines)
  const each = Array.from({ length: numFew }, (_, i) => i)
  const rows = each.map((i) => fewOperand.row('batch', `${i}u`, lines))
  const loop: string[] = []
  const [manyStep, fewStep] = [manyOperand.step('k', loop), fewOperand.step('k', loop)]
  const fours = manyOperand.vectors?.along === 'k' && fewOperand.vectors?.along === 'k'
  const read = (operand: Operand, row: string, step: string) =>
    fours ? operand.vectors!.read(row, step) : operand.read(row, step)
  loop.push(`let x = ${read(manyOperand, manyRow, manyStep)};`)
  for (const i of each) {
    const factor = read(fewOperand, rows[i]!, fewStep)
    loop.push(`c${i} += ${fours ? `dot(x, ${factor})` : `x * ${factor}`};`)
  }
  const deep = fours ? 4 : 1
  lines.push(
    ...each.map((i) => `var c${i} = 0.0;`),
    `for (var k = lane * ${deep}u; k < ${numK}; k += ${lanes * deep}u) {`,
    ...loop,
    '}',
  )
  if (lanes > 1) {
    const sums = writer.workgroupArray('sums', 'f32', threads * numFew)
    const apart = contiguous ? 1 : perGroup
    const add = (i: number) =>
      `${sums}[local + ${i * threads}u] += ${sums}[local + ${i * threads}u + step * ${apart}u];`
    lines.push(
      ...each.map((i) => `${sums}[local + ${i * threads}u] = c${i};`),
      'workgroupBarrier();',
      `for (var step = ${lanes / 2}u; step > 0u; step = step / 2u) {`,
      'if (lane < step) {',
      ...each.map(add),
      '}',
      'workgroupBarrier();',
      '}',
      ...each.map((i) => `c${i} = ${sums}[local + ${i * threads}u];`),
      `if (lane == 0u && own < ${last}) {`,
    )
  }
  for (const i of each)
    lines.push(few === 'm' ? `${put}(batch, ${i}u, item, c${i});` : `${put}(batch, item, ${i}u, c${i});`)
  if (lanes > 1) lines.push('}')
  return writer.finish(lines.join('\n'), threads, Math.ceil(total / perGroup))
}
