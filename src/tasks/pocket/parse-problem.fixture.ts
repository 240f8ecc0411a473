/** Reads a problem back out of a text, in one spelling for all ways to ask it: the test's own view, not the source's. */
const COUNTDOWN = /(?:numbers|用数字) (\d+), (\d+), (\d+)(?:, make| 算出) (\d+)\./
const SUM = /(?:Compute|计算) ((?:\d+ [-+] )+\d+)\./
const EQUATION = /(?:Solve|解方程) (\d+ \* x [-+] \d+ = \d+)\./

export function parseProblem(text: string): string {
  const countdown = COUNTDOWN.exec(text)
  if (countdown !== null) {
    const [a, b, c, target] = countdown.slice(1).map(Number) as [number, number, number, number]
    return `${[a, b, c].sort((p, q) => p - q).join(' ')} -> ${target}`
  }
  const sum = SUM.exec(text)
  if (sum !== null)
    return `+ ${sum[1]}`
      .match(/[-+] \d+/g)!
      .sort()
      .join(' ')
  const equation = EQUATION.exec(text)
  if (equation !== null) return equation[1]!
  throw new Error(`no problem found in ${text}`)
}
