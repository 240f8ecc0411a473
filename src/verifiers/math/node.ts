/** What an answer is once read: one tree for numbers, expressions, tuples, sets, relations, matrices and words. */
import type { Rational } from './rational.ts'

export type Comparison = '=' | '≈' | '≠' | '<' | '≤' | '>' | '≥' | '∈'

export type Node =
  /** `inexact` marks a number written with a decimal point, which is compared with the stated tolerance. */
  | { kind: 'number'; value: Rational; inexact: boolean; text: string }
  | { kind: 'symbol'; name: string }
  /** A known operation: `add`, `power`, `sin`, `sum`, ... */
  | { kind: 'apply'; op: string; args: Node[] }
  /** An unknown function or a subscripted name: f(x), a_n. */
  | { kind: 'call'; name: string; args: Node[] }
  /** Tuples, intervals and sets, told apart only when compared: (0,1) may be a point or an interval. */
  | { kind: 'bracket'; open: Open; close: Close; items: Node[] }
  | { kind: 'list'; items: Node[]; joiner: 'comma' | 'and' | 'or' }
  | { kind: 'matrix'; rows: Node[][] }
  | { kind: 'relation'; sides: Node[]; comparisons: Comparison[] }
  | { kind: 'quantity'; value: Node; unit: string }
  | { kind: 'text'; value: string }

export type Open = '(' | '[' | '{' | '⟨'
export type Close = ')' | ']' | '}' | '⟩'

export const symbol = (name: string): Node => ({ kind: 'symbol', name })
export const apply = (op: string, ...args: Node[]): Node => ({ kind: 'apply', op, args })
export const integer = (value: number | bigint): Node => ({
  kind: 'number',
  value: { n: BigInt(value), d: 1n },
  inexact: false,
  text: String(value),
})

/** Names that stand for a value, a set or nothing at all, and so are not variables. */
const CONSTANTS: ReadonlySet<string> = new Set([
  'pi',
  'e',
  'i',
  'infinity',
  'ℝ',
  'ℤ',
  'ℚ',
  'ℕ',
  'ℂ',
  '∅',
  '…',
])

/** The parts of a node, for walks that do not care what the node is. */
export function parts(node: Node): Node[] {
  switch (node.kind) {
    case 'apply':
    case 'call':
      return node.args
    case 'bracket':
    case 'list':
      return node.items
    case 'matrix':
      return node.rows.flat()
    case 'relation':
      return node.sides
    case 'quantity':
      return [node.value]
    default:
      return []
  }
}

/** Rebuilds a node with each part replaced: the only place that knows every shape twice. */
export function mapParts(node: Node, change: (part: Node) => Node): Node {
  switch (node.kind) {
    case 'apply':
    case 'call':
      return { ...node, args: node.args.map(change) }
    case 'bracket':
    case 'list':
      return { ...node, items: node.items.map(change) }
    case 'matrix':
      return { ...node, rows: node.rows.map((row) => row.map(change)) }
    case 'relation':
      return { ...node, sides: node.sides.map(change) }
    case 'quantity':
      return { ...node, value: change(node.value) }
    default:
      return node
  }
}

export function some(node: Node, test: (part: Node) => boolean): boolean {
  return test(node) || parts(node).some((part) => some(part, test))
}

/** The variables of a node, sorted; the bound variable of a sum or an integral is not one. */
export function freeVariables(node: Node): string[] {
  const found = new Set<string>()
  collect(node, new Set(), found)
  return [...found].sort()
}

function collect(node: Node, bound: ReadonlySet<string>, found: Set<string>): void {
  if (node.kind === 'symbol') {
    if (!CONSTANTS.has(node.name) && !bound.has(node.name)) found.add(node.name)
    return
  }
  const index = node.kind === 'apply' && BINDERS.has(node.op) ? node.args[0] : undefined
  const inner = index?.kind === 'symbol' ? new Set([...bound, index.name]) : bound
  for (const part of parts(node)) collect(part, inner, found)
}

/** Operations whose first argument is a bound variable. */
const BINDERS: ReadonlySet<string> = new Set(['sum', 'product', 'integral'])

/** Statements, where "and" and "or" differ; between values, as in `1 and 2`, they do not. */
export const isStatements = (node: Node): node is Node & { kind: 'list' } =>
  node.kind === 'list' && node.items.every((item) => item.kind === 'relation' || item.kind === 'symbol')

/** One spelling for a tree, with the order of sums, products and sets taken out. */
export function canonical(node: Node): string {
  switch (node.kind) {
    case 'number':
      return node.value.d === 1n ? String(node.value.n) : `${node.value.n}/${node.value.d}`
    case 'symbol':
      return node.name
    case 'text':
      return `"${node.value}"`
    case 'quantity':
      return `${canonical(node.value)}[${node.unit}]`
    case 'relation':
      return `rel(${node.sides.map((side, k) => canonical(side) + (node.comparisons[k] ?? '')).join('')})`
    case 'matrix':
      return `matrix(${node.rows.map((row) => row.map(canonical).join(',')).join(';')})`
    case 'list':
      return `${isStatements(node) ? node.joiner : 'list'}(${node.items.map(canonical).sort().join(',')})`
    case 'bracket': {
      const items = node.items.map(canonical)
      return `${node.open}${(node.open === '{' ? items.sort() : items).join(',')}${node.close}`
    }
    case 'call':
      return `${node.name}(${node.args.map(canonical).join(',')})`
    case 'apply': {
      const args = node.args.map(canonical)
      return `${node.op}(${(node.op === 'add' || node.op === 'multiply' ? args.sort() : args).join(',')})`
    }
  }
}
