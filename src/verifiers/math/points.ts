/**
 * The points at which two expressions in the same variables are compared: twelve near zero, where functions differ most,
 * and more around every number they name and up to a thousand where a kink or a step may lie out there.
 */
import { type Complex, complex } from './complex.ts'
import { type Node, some } from './node.ts'
import { toNumber } from './rational.ts'

export interface SamplePoint {
  variables: ReadonlyMap<string, Complex>
  /** Far from zero only a kink is looked for: roots leave their domains there, and differences lose digits. */
  isFar: boolean
}

const NUM_NEAR = 12
const NUM_FAR = 12
const MAX_NAMED = 6
const KINKED = new Set(['abs', 'sgn', 'max', 'min', 'floor', 'ceil', 'mod', 'gcd', 'lcm', 'sqrt', 'root'])
const DISCRETE = new Set(['sum', 'product', 'factorial', 'factorial2', 'binomial', 'mod', 'gcd', 'lcm'])
/** Too slow or too large away from zero. */
const NEAR_ONLY = new Set(['sum', 'product', 'integral', 'factorial', 'factorial2'])
const COMPLEX = new Set(['Re', 'Im', 'arg', 'conjugate'])

export function samplePoints(a: Node, b: Node, variables: readonly string[]): SamplePoint[] {
  const uses = (ops: ReadonlySet<string>): boolean =>
    [a, b].some((node) => some(node, (part) => part.kind === 'apply' && ops.has(part.op)))
  const discrete = uses(DISCRETE)
  const points = Array.from({ length: NUM_NEAR }, (_, k) => ({
    variables: valuesOf(variables, (index) => near(index, k, discrete)),
    isFar: false,
  }))
  if (uses(KINKED) && !uses(NEAR_ONLY)) {
    const far = [...namedNumbers(a, b), ...Array.from({ length: NUM_FAR }, (_, k) => distant(k))]
    const sizes = discrete ? far.map((x) => Math.max(1, Math.round(Math.abs(x)))) : far
    for (const k of sizes.keys())
      points.push({
        variables: valuesOf(variables, (index) => sizes[(k + 5 * index) % sizes.length]!),
        isFar: true,
      })
  }
  if (!uses(COMPLEX)) return points
  return points.map(({ variables: values }, k) => ({
    variables: new Map([...values].map(([name, x]) => [name, complex(x.re, 0.7 * wave(k, x.re))])),
    isFar: false,
  }))
}

const valuesOf = (variables: readonly string[], value: (index: number) => number): Map<string, Complex> =>
  new Map(variables.map((name, index) => [name, complex(value(index))]))

/** Spread over both signs, with no simple relation between variables. */
function near(variable: number, k: number, discrete: boolean): number {
  const unit = wave(variable, k)
  if (discrete) return 2 + ((k + Math.floor(unit * 5) * (variable + 1)) % 9)
  const size = 0.15 + 2.4 * unit
  return (k + variable) % 3 === 2 || k === 7 ? -size : size
}

/** Of both signs, their sizes spread evenly between 5 and 1,000 on a scale of powers. */
const distant = (k: number): number => (k % 2 === 0 ? 1 : -1) * 5 * 200 ** ((k + wave(0, k)) / NUM_FAR)

/** The numbers that two expressions name are where max, min and their like change. */
function namedNumbers(a: Node, b: Node): number[] {
  const found = new Set<number>()
  for (const node of [a, b])
    some(node, (part) => {
      if (part.kind === 'number') found.add(Math.abs(toNumber(part.value)))
      return false
    })
  return [...found]
    .filter((x) => x > 2 && x < 1e6)
    .slice(0, MAX_NAMED)
    .flatMap((x) => [x, -x - 0.5])
}

function wave(variable: number, k: number): number {
  const high = Math.sin((variable + 1) * 12.9898 + (k + 1) * 78.233) * 43758.5453
  return high - Math.floor(high)
}
