/** How the kernels of products read their operands: as they lie in memory, or with work on each element. */
import { isPacked } from '../packed.ts'
import { sizeOf } from '../tensor.ts'
import type { Memory } from './draft.ts'
import type { Dimension, Expression } from './expression.ts'
import type { LinearForm } from './linear-form.ts'
import type { Node } from './nodes.ts'
import { type Scope, type ShaderWriter, topScope } from './shader.ts'

/** One operand at (batch, row, k), where a row is one of the result's rows or columns. */
export interface Operand {
  /** What is known of a row before the loop over k; gives a name for `read`. */
  row(batch: string, row: string, lines: string[]): string
  /** Lines that all rows share in the loop; gives a name for `read`. */
  step(k: string, lines: string[]): string
  read(row: string, step: string): string
  /** Numbers apart in memory along k. */
  alongK: number
  /** Four numbers at once, where they lie so: along k, or along rows. */
  vectors?: { along: 'k' | 'row'; read(row: string, step: string): string }
}

/** `rows` are the dimensions of the result's side that the operand has; its function, where it needs one, is called `name`. */
export function operandOf(
  name: string,
  x: Expression,
  rows: readonly number[],
  writer: ShaderWriter,
  memory: Memory,
  dimensions: readonly Dimension[],
): Operand {
  const inGroup = (group: string) => dimensions.flatMap((d, i) => (d.group === group ? [i] : []))
  const [batch, k] = [inGroup('batch'), inGroup('k')]
  const plain =
    x.kind === 'load' &&
    (x.type === 'f32' || isPacked(x.type)) &&
    x.at.terms.every((t, d) => t === 0 || !dimensions[d]!.index)
  if (!plain || memory.windows(x.node).count > 1) return computedOperand(writer, name, x, batch, rows, k)
  return {
    ...plainOperand(writer, x.node, x.at, batch, rows, k),
    ...vectorsOf(writer, x.node, x.at, dimensions, rows, k),
  }
}

const keep = (form: LinearForm, dims: readonly number[]): LinearForm => ({
  offset: 0,
  terms: form.terms.map((term, d) => (dims.includes(d) ? term : 0)),
})

function plainOperand(
  writer: ShaderWriter,
  node: Node,
  at: LinearForm,
  batch: readonly number[],
  rows: readonly number[],
  k: readonly number[],
): Operand {
  return {
    row(batchName, rowName, lines) {
      const scope: Scope = { ...topScope(), lines }
      writer.decompose(batchName, batch, scope)
      writer.decompose(rowName, rows, scope)
      const outer = { ...keep(at, [...batch, ...rows]), offset: at.offset }
      const name = writer.fresh()
      lines.push(`let ${name} = ${writer.index(outer, scope)};`)
      return name
    },
    step(kName, lines) {
      const scope: Scope = { ...topScope(), lines }
      writer.decompose(kName, k, scope)
      const name = writer.fresh()
      lines.push(`let ${name} = ${writer.index(keep(at, k), scope)};`)
      return name
    },
    read: (row, step) => writer.load(node, `${row} + ${step}`),
    alongK: at.terms[k.at(-1)!] ?? 0,
  }
}

/** How an operand is read four numbers at a time: all its parts begin at multiples of four. */
function vectorsOf(
  writer: ShaderWriter,
  node: Node,
  at: LinearForm,
  dimensions: readonly Dimension[],
  rows: readonly number[],
  k: readonly number[],
): Pick<Operand, 'vectors'> {
  const inner = (dims: readonly number[]) => dims.findLast((d) => dimensions[d]!.size > 1)
  const along = ([k, rows] as const).map(inner).find((d) => d !== undefined && at.terms[d] === 1)
  const whole = (n: number) => n % 4 === 0
  if (along === undefined || !whole(dimensions[along]!.size)) return {}
  const others = at.terms.every((term, d) => d === along || dimensions[d]!.size === 1 || whole(term))
  if (!others || !whole(at.offset) || !whole(sizeOf(node.shape))) return {}
  return {
    vectors: {
      along: k.includes(along) ? 'k' : 'row',
      read: (row, step) => writer.loadVector(node, `${row} + ${step}`),
    },
  }
}

/** One with work on its elements: a function of their coordinates. */
function computedOperand(
  writer: ShaderWriter,
  name: string,
  expression: Expression,
  batch: readonly number[],
  rows: readonly number[],
  k: readonly number[],
): Operand {
  const scope = topScope()
  writer.decompose('batch', batch, scope)
  writer.decompose('row', rows, scope)
  writer.decompose('k', k, scope)
  const value = writer.value(expression, scope)
  const body = [...scope.lines, `return ${value};`].join('\n')
  const own = writer.unique(name)
  writer.declare(`fn ${own}(batch: u32, row: u32, k: u32) -> f32 {\n${body}\n}`)
  return {
    row: (batchName, rowName) => `${batchName}, ${rowName}`,
    step: (kName) => kName,
    read: (row, step) => `${own}(${row}, ${step})`,
    alongK: firstLoad(expression)?.at.terms[k.at(-1)!] ?? 0,
  }
}

function firstLoad(expression: Expression): Extract<Expression, { kind: 'load' }> | undefined {
  if (expression.kind === 'load') return expression
  if (expression.kind !== 'apply') return undefined
  for (const input of expression.inputs) {
    const found = firstLoad(input)
    if (found !== undefined) return found
  }
  return undefined
}
