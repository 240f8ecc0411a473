/** Matrices and vectors by their cells, however they are written: with factors before them, or as rows in brackets. */
import { apply, type Node, parts } from './node.ts'

/** A matrix, or a matrix times or over a number. */
export function isMatrix(node: Node): boolean {
  if (node.kind === 'matrix') return true
  if (node.kind !== 'apply' || !['negate', 'multiply', 'divide'].includes(node.op)) return false
  return node.args.filter(isMatrix).length === 1 && (node.op !== 'divide' || isMatrix(node.args[0]!))
}

export function isVector(node: Node): boolean {
  if (!isMatrix(node)) return false
  const rows = cellsOf(node)
  return rows.length === 1 || rows.every((row) => row.length === 1)
}

/** Rows of cells; `(1, 2)` is a column, `[[1, 2], [3, 4]]` has two rows, and anything else is one cell. */
export function cellsOf(node: Node): Node[][] {
  if (node.kind === 'matrix') return node.rows
  if (node.kind === 'bracket' && node.open !== '{') {
    return node.items.map((item) => (item.kind === 'bracket' && item.open !== '{' ? item.items : [item]))
  }
  if (!isMatrix(node)) return [[node]]
  const [matrix] = parts(node).filter(isMatrix)
  const scale = (cell: Node): Node =>
    node.kind === 'apply' ? apply(node.op, ...node.args.map((arg) => (arg === matrix ? cell : arg))) : cell
  return cellsOf(matrix!).map((row) => row.map(scale))
}

/** A vector as a column; anything else as it is. */
export function columnOf(node: Node): Node[][] {
  const rows = cellsOf(node)
  return isVector(node) ? rows.flat().map((cell) => [cell]) : rows
}
