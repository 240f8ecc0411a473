/** Reads a problem's canonical key back out of a text: the test's own view of it, not the source's. */
const COUNTDOWN = /(?:numbers|用数字) (\d+), (\d+), (\d+)(?:, make| 算出) (\d+)\./
const SUM = /(?:Compute|计算) ((?:\d+ [-+] )+\d+)\./
const EQUATION = /(?:Solve|解方程) (\d+) \* x ([-+]) (\d+ = \d+)\./

export function parseProblem(text: string): string {
  const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b).join(',')
  const countdown = COUNTDOWN.exec(text)
  if (countdown !== null) {
    const [a, b, c, target] = countdown.slice(1).map(Number) as [number, number, number, number]
    return `${ascending([a, b, c])}=${target}`
  }
  const sum = SUM.exec(text)
  if (sum !== null) return ascending(sum[1]!.replaceAll('- ', '-').match(/-?\d+/g)!.map(Number))
  const equation = EQUATION.exec(text)
  if (equation !== null) return `${equation[1]}x${equation[2]}${equation[3]!.replaceAll(' ', '')}`
  throw new Error(`no problem found in ${text}`)
}
