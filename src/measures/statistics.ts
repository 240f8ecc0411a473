/** Means and variances of figures. */

/** Not a number of nothing. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Divided by n − 1; 0 of one value. */
export function variance(values: readonly number[]): number {
  const center = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0)
  return values.length > 1 ? squares / (values.length - 1) : 0
}
