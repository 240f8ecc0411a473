/** Numbers written in a base: their digits are the answer, and not their value. */
import { canonical, type Node } from './node.ts'

/** The same digits, and the same base where both name one. Null where neither names a base. */
export function basesEqual(a: Node, b: Node): boolean | null {
  const [x, y] = [withBase(a), withBase(b)]
  if (x?.base || y?.base) return x !== null && y !== null && sameBase(x, y)
  return null
}

function sameBase(x: Based, y: Based): boolean {
  return (
    x.digits.toUpperCase() === y.digits.toUpperCase() &&
    (x.base === null || y.base === null || x.base === y.base)
  )
}

interface Based {
  digits: string
  base: string | null
}

function withBase(node: Node): Based | null {
  if (node.kind === 'apply' && node.op === 'digits') return { digits: digitsOf(node.args[0]!)!, base: null }
  const digits = digitsOf(node)
  if (digits !== null) return { digits, base: null }
  if (node.kind !== 'apply' || node.op !== 'base') return null
  const based = digitsOf(node.args[0]!)
  return based === null ? null : { digits: based, base: canonical(node.args[1]!) }
}

/** As written: `4210`, or `2A5` with digits above nine. */
function digitsOf(node: Node): string | null {
  if (node.kind === 'number') return node.text
  return node.kind === 'text' && /^[\dA-Z]+$/i.test(node.value) ? node.value : null
}
