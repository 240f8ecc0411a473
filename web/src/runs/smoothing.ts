/** Exponential moving average, corrected for its start, so that the first points are not drawn to 0. */
export function smoothed(values: readonly (number | null | undefined)[], weight: number): (number | null)[] {
  let average = 0
  let mass = 0
  return values.map((value) => {
    if (value === null || value === undefined) return null
    average = weight * average + (1 - weight) * value
    mass = weight * mass + (1 - weight)
    return average / mass
  })
}
