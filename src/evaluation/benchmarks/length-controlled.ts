/** The rate of wins that a model would have if its answers were as long as its rival's (arXiv 2404.04475). */

export interface Won {
  won: boolean
  /** Characters that the answer has more than the rival's; negative where it has fewer. */
  longer: number
}

const STEPS = 50
/** Keeps both coefficients finite where every comparison is won or the lengths tell all. */
const RIDGE = 1e-3

/**
 * A logistic regression of wins on how much longer the answer is, tanh(longer / its deviation), read at a difference of 0. Null
 * where nothing was compared.
 */
export function lengthControlledRate(comparisons: readonly Won[]): number | null {
  if (comparisons.length === 0) return null
  const mean = comparisons.reduce((sum, { longer }) => sum + longer, 0) / comparisons.length
  const deviation = Math.sqrt(
    comparisons.reduce((sum, { longer }) => sum + (longer - mean) ** 2, 0) / comparisons.length,
  )
  const data = comparisons.map(({ won, longer }) => ({
    y: Number(won),
    x: deviation === 0 ? 0 : Math.tanh(longer / deviation),
  }))
  let [strength, weight] = [0, 0]
  for (let step = 0; step < STEPS; step++) {
    // Newton's step on the log-likelihood of both.
    let [g0, g1, h00, h01, h11] = [-RIDGE * strength, -RIDGE * weight, RIDGE, 0, RIDGE]
    for (const { x, y } of data) {
      const p = sigmoid(strength + weight * x)
      const curvature = p * (1 - p)
      g0 += y - p
      g1 += (y - p) * x
      h00 += curvature
      h01 += curvature * x
      h11 += curvature * x * x
    }
    const determinant = h00 * h11 - h01 * h01
    strength += (h11 * g0 - h01 * g1) / determinant
    weight += (h00 * g1 - h01 * g0) / determinant
  }
  return sigmoid(strength)
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
