/** The WGSL of pointwise kernels and of reductions over rows. */

import { sizeOf } from '../tensor.ts'
import type { Memory, Shader } from './draft.ts'
import type { Reduction } from './expression.ts'
import { type MapKernel, writesByWindow } from './fuse.ts'
import type { ElementType, Node } from './nodes.ts'
import { childOf, createShaderWriter, LOWEST, type Scope, type ShaderWriter, topScope } from './shader.ts'

const THREADS = 64
/** Rows of fewer elements are read by one thread each. */
const SHORT_ROW = 32

/** One shader; one for each window where they are what `windowed` kernels write. */
export function mapShaders(kernel: MapKernel, memory: Memory, cooperative: boolean): Shader[] {
  const { count, size } = memory.windows(kernel.target)
  const several = (node: Node) => memory.windows(node).count > 1
  if (!writesByWindow(kernel, several)) return [mapShader(kernel, memory, cooperative)]
  const total = sizeOf(kernel.target.shape)
  return Array.from({ length: count }, (_, window) => {
    const start = window * size
    const chunk = { has: several, window, index: 'element' }
    return mapShader(kernel, { ...memory, chunk }, false, { start, count: Math.min(size, total - start) })
  })
}

/**
 * With `cooperative`, threads of a workgroup share a row through workgroup memory; otherwise each thread has rows to
 * itself, which suits adapters that compute on the CPU.
 */
function mapShader(
  kernel: MapKernel,
  memory: Memory,
  cooperative: boolean,
  chunk?: { start: number; count: number },
): Shader {
  const { target, dimensions, value, store, reductions, rows, columns } = kernel
  const size = (dims: readonly number[]) => dims.reduce((product, d) => product * dimensions[d]!.size, 1)
  const writer = createShaderWriter(
    memory,
    target,
    dimensions,
    [value, ...reductions.map((reduction) => reduction.value)],
    [store],
  )
  const top = topScope()
  const numRows = size(rows)
  const longest = Math.max(1, ...reductions.map((reduction) => size(reduction.dimensions)))
  const shared =
    cooperative && longest >= SHORT_ROW && reductions.every(({ value: { type } }) => type === 'f32')
  const lanes = shared ? lanesFor(kernel, numRows) : 1
  const acrossRows = lanes > 1 && lanes < THREADS
  const rowsAGroup = THREADS / lanes
  const row = writer.fresh()
  const lane = lanes === 1 ? '0u' : acrossRows ? `local / ${rowsAGroup}u` : 'local'
  const rowIndex =
    lanes === 1
      ? `workgroup * ${THREADS}u + local`
      : `workgroup * ${rowsAGroup}u${acrossRows ? ` + local % ${rowsAGroup}u` : ''}`
  const count = writer.uniform(chunk?.count ?? numRows)
  if (chunk !== undefined)
    top.lines.push(
      `let element = ${rowIndex};`,
      `if (element >= ${count}) { return; }`,
      `let ${row} = element + ${writer.uniform(chunk.start)};`,
    )
  else if (lanes === 1) top.lines.push(`let ${row} = ${rowIndex};`, `if (${row} >= ${count}) { return; }`)
  else {
    top.lines.push(`let ${row}Own = ${rowIndex};`, `let ${row} = min(${row}Own, ${count} - 1u);`)
  }
  writer.decompose(row, rows, top)

  for (const together of phases(reductions, size))
    reduceTogether(writer, together, top, { total: size(together[0]!.dimensions), lane, lanes, rowsAGroup })

  const write = (scope: Scope) => {
    const computed = writer.value(value, scope)
    scope.lines.push(writer.store(target, writer.index(store, scope), computed))
  }
  const body = childOf(top, lanes > 1)
  const width = size(columns)
  for (const d of columns) body.names.set(d, '0u')
  if (width === 1) write(body)
  else loop(writer, body, columns, width, lane, lanes, write)
  if (lanes === 1) top.lines.push(...body.lines)
  else {
    const first = width === 1 ? ` && ${lane} == 0u` : ''
    top.lines.push(`if (${row}Own < ${count}${first}) {`, ...body.lines, '}')
  }
  return writer.finish(top.lines.join('\n'), THREADS, Math.ceil((chunk?.count ?? numRows) / rowsAGroup))
}

/** Whole workgroups for rows that lie in memory one after the other; a few threads for sums across many rows. */
function lanesFor({ reductions, dimensions }: MapKernel, numRows: number): number {
  const innermost = reductions.every(({ dimensions: dims, value }) => {
    const last = dims.findLast((d) => dimensions[d]!.size > 1)
    return last === undefined || stepsBy(value, last) <= 1
  })
  return innermost || numRows < 16 ? THREADS : 8
}

/** The least numbers apart that an expression reads for neighbours along a dimension. */
function stepsBy(value: Reduction['value'], dimension: number): number {
  if (value.kind === 'load') {
    const step = Math.abs(value.at.terms[dimension] ?? 0)
    return step === 0 ? Number.POSITIVE_INFINITY : step
  }
  if (value.kind !== 'apply' && value.kind !== 'choose') return Number.POSITIVE_INFINITY
  return Math.min(...value.inputs.map((input) => stepsBy(input, dimension)))
}

/** Reductions that need the same ones before them and run over as many elements share a loop. */
function phases(reductions: readonly Reduction[], size: (dims: readonly number[]) => number): Reduction[][] {
  const byLoop = new Map<string, Reduction[]>()
  for (const reduction of [...reductions].sort((a, b) => a.level - b.level)) {
    const key = `${reduction.level}:${reduction.dimensions.map((d) => size([d]))}`
    byLoop.set(key, [...(byLoop.get(key) ?? []), reduction])
  }
  return [...byLoop.values()]
}

interface Sharing {
  total: number
  lane: string
  lanes: number
  rowsAGroup: number
}

function reduceTogether(
  writer: ShaderWriter,
  reductions: readonly Reduction[],
  top: Scope,
  { total, lane, lanes, rowsAGroup }: Sharing,
): void {
  const results = reductions.map(({ operation, value: { type } }) => {
    const name = writer.fresh()
    top.lines.push(`var ${name} = ${startOf(operation, type)};`)
    return name
  })
  const inner = childOf(top)
  const counter = writer.fresh()
  for (const { dimensions } of reductions) writer.decompose(counter, dimensions, inner)
  reductions.forEach(({ operation, value }, i) => {
    inner.lines.push(combine(operation, results[i]!, writer.value(value, inner)))
  })
  const end = writer.uniform(total)
  top.lines.push(
    `for (var ${counter} = ${lane}; ${counter} < ${end}; ${counter} += ${lanes}u) {`,
    ...inner.lines,
    '}',
  )
  reductions.forEach((reduction, i) => {
    const result = results[i]!
    if (lanes > 1) {
      const shared = writer.workgroupArray('numbers', 'f32', THREADS)
      const mine = `${shared}[local]`
      top.lines.push('workgroupBarrier();', `${mine} = ${result};`, 'workgroupBarrier();')
      const step = lanes === THREADS ? 1 : rowsAGroup
      top.lines.push(
        `for (var step = ${lanes / 2}u; step > 0u; step = step / 2u) {`,
        `if (${lane} < step) { ${combine(reduction.operation, mine, `${shared}[local + step * ${step}u]`)} }`,
        'workgroupBarrier();',
        '}',
        `${result} = ${shared}[${lanes === THREADS ? '0' : `local % ${rowsAGroup}u`}];`,
      )
    }
    writer.results.set(reduction, result)
  })
}

function loop(
  writer: ShaderWriter,
  scope: Scope,
  dimensions: readonly number[],
  total: number,
  start: string,
  step: number,
  body: (scope: Scope) => void,
): void {
  const inner = childOf(scope)
  const counter = writer.fresh()
  writer.decompose(counter, dimensions, inner)
  body(inner)
  const end = writer.uniform(total)
  scope.lines.push(
    `for (var ${counter} = ${start}; ${counter} < ${end}; ${counter} += ${step}u) {`,
    ...inner.lines,
    '}',
  )
}

const startOf = (operation: Reduction['operation'], type: ElementType): string =>
  operation === 'max' ? (type === 'f32' ? LOWEST : '-2147483647i') : type === 'f32' ? '0.0' : '0i'

const combine = (operation: Reduction['operation'], into: string, value: string): string =>
  operation === 'sum' ? `${into} += ${value};` : `${into} = max(${into}, ${value});`
