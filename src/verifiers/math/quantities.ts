/** Numbers with something beside them: units, percent, money and moduli. */
import type { Budget } from './budget.ts'
import { exactValue } from './exact.ts'
import { apply, canonical, integer, type Node } from './node.ts'
import { toNumber } from './rational.ts'
import { inRadians, isClock, readUnit } from './units.ts'

/** The comparison of two values, handed in so that the files do not import each other. */
type Equal = (a: Node, b: Node) => boolean

/** `\$10` answers with what `\$10 per hour` does. */
const isPrice = (amount: string | null, rate: string | null): boolean =>
  amount === 'dollar' && rate !== null && /^dollars? (?:per|an?) /.test(rate)

const isBare = (node: Node): boolean =>
  node.kind !== 'quantity' && !(node.kind === 'apply' && node.op === 'degree')

export const isModulus = (unit: string | null): boolean => unit?.startsWith('mod ') === true

interface Quantity {
  value: Node
  unit: string | null
}

export function quantitiesEqual(a: Node, b: Node, budget: Budget, equal: Equal): boolean {
  const [x, y]: [Quantity, Quantity] = [
    a.kind === 'quantity' ? a : { value: a, unit: null },
    b.kind === 'quantity' ? b : { value: b, unit: null },
  ]
  if (x.unit === '%' && y.unit === '%') return equal(x.value, y.value)
  if (x.unit === '%') return isBare(b) && percentEquals(x.value, y.value, budget, equal)
  if (y.unit === '%') return isBare(a) && percentEquals(y.value, x.value, budget, equal)
  if (isModulus(x.unit) || isModulus(y.unit)) return residuesEqual(x, y, budget, equal)
  const [one, two] = [x.unit ? readUnit(x.unit) : null, y.unit ? readUnit(y.unit) : null]
  if (isPrice(x.unit, y.unit) || isPrice(y.unit, x.unit)) return equal(x.value, y.value)
  if (one && two && one.dimension !== two.dimension) return false
  const unit = one ?? two
  if (unit && isClock(unit)) return canonical(x.value) === canonical(y.value)
  if (unit?.dimension === 'angle') return equal(inRadians(x.value), inRadians(y.value))
  if (!one || !two) return equal(x.value, y.value)
  return equal(scaled(x.value, one.factor / two.factor), y.value)
}

/** 17 is 7 modulo 10; where only one side names the modulus, the other is the residue itself. */
function residuesEqual(x: Quantity, y: Quantity, budget: Budget, equal: Equal): boolean {
  if (x.unit !== y.unit && x.unit !== null && y.unit !== null) return false
  if (equal(x.value, y.value)) return true
  const modulus = Number((x.unit ?? y.unit)!.slice('mod '.length))
  const [a, b] = [exactValue(x.value, budget), exactValue(y.value, budget)]
  if (!Number.isSafeInteger(modulus) || modulus < 1 || a?.d !== 1n || b?.d !== 1n) return false
  const size = BigInt(modulus)
  const bare = x.unit === null ? a.n : y.unit === null ? b.n : 0n
  return (a.n - b.n) % size === 0n && bare >= 0n && bare < size
}

/** 20% is 0.2, and 20 where percent were asked for; a plain number below 1 is a share and never percent. */
function percentEquals(percent: Node, plain: Node, budget: Budget, equal: Equal): boolean {
  if (equal(hundredth(percent), plain)) return true
  const value = exactValue(plain, budget)
  const isShare = value !== null && value.n !== 0n && Math.abs(toNumber(value)) < 1
  return !isShare && equal(percent, plain)
}

const hundredth = (node: Node): Node => apply('divide', node, integer(100))

function scaled(node: Node, factor: number): Node {
  if (factor === 1) return node
  const digits = 10n ** 12n
  const value = { n: BigInt(Math.round(factor * 1e12)), d: digits }
  return apply('multiply', node, { kind: 'number', value, inexact: true, text: '' })
}
