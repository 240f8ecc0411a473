/** Round axis ticks: steps of 1, 2, 2.5 or 5 times a power of ten. */

export interface Axis {
  low: number
  high: number
  ticks: number[]
}

/** An axis that covers [low, high] with about `count` intervals; `whole` keeps the steps integers. */
export function niceAxis(low: number, high: number, count: number, whole = false): Axis {
  const step = niceStep((high - low || Math.abs(high) || 1) / count, whole)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * step))
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks }
}

/** Ticks at round places strictly within [low, high], for an axis that ends where its data end. */
export function ticksWithin(low: number, high: number, count: number, whole = false): Axis {
  const { ticks } = niceAxis(low, high, count, whole)
  return { low, high, ticks: ticks.filter((tick) => tick >= low && tick <= high) }
}

function niceStep(rough: number, whole: boolean): number {
  // Steps below this would be rounded to 0.
  const power = Math.max(1e-300, 10 ** Math.floor(Math.log10(rough)))
  const factors = whole && power <= 1 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]
  const factor = factors.find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10
  return whole ? Math.max(1, factor * power) : factor * power
}

/** Takes away the dust of binary fractions. */
function round(value: number): number {
  return Number(value.toPrecision(12))
}
