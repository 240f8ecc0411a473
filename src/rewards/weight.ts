/** How much a reward counts: always the same, or along a straight line while a run trains. */
export interface WeightSchedule {
  from: number
  to: number
  /** Updates over which the weight changes; from then on it is `to`. */
  steps: number
}

export type Weight = number | WeightSchedule

/** The weight after `step` updates. */
export function weightAt(weight: Weight, step: number): number {
  if (typeof weight === 'number') return weight
  const { from, to, steps } = weight
  return step >= steps ? to : from + ((to - from) * step) / steps
}

/** Whether it counts at no time. */
export const isNothing = (weight: Weight): boolean =>
  typeof weight === 'number' ? weight === 0 : weight.from === 0 && weight.to === 0

/** Undefined for a weight that is one. */
export function weightProblem(weight: unknown): string | undefined {
  if (typeof weight === 'number') return Number.isFinite(weight) ? undefined : 'not finite'
  const { from, to, steps } = (weight ?? {}) as Partial<WeightSchedule>
  if (typeof from !== 'number' || typeof to !== 'number' || typeof steps !== 'number') return 'no weight'
  return [from, to].every(Number.isFinite) && steps > 0 ? undefined : 'no schedule'
}
