/**
 * The paper's claims and what the miniature measured of each, seed by seed. A claim holds in a seed where its own comparison is
 * true there; the verdict counts seeds and says so. Where it is one model's lead, the difference has an interval over seeds and
 * questions. A figure that is missing in any seed leaves a claim unmeasured.
 */
import type { Claim, Comparison, Lead, Model, SeedStages } from './claim.ts'
import { CLAIMS, studentClaim } from './claim-list.ts'
import { type Estimate, pairedDifference, seedEstimate, valuesOf } from './uncertainty.ts'

export interface JudgedClaim {
  claim: string
  paper: string
  measured: string
  verdict: string
}

/** Claims about the students that were distilled in any seed are among them. */
export function judgeClaims(
  seeds: readonly SeedStages[],
  claims: readonly Claim[] = [...CLAIMS, ...students(seeds).map(studentClaim)],
): JudgedClaim[] {
  return claims.map(({ claim, paper, measured, lead }) => {
    const comparisons = seeds.map(measured)
    const difference = lead && leadOf(seeds, lead)
    return {
      claim,
      paper,
      measured: [
        ...values(comparisons.filter((comparison) => comparison !== undefined)),
        ...(difference === undefined ? [] : [`difference ${points(difference)}`]),
      ].join(', '),
      verdict: verdict(comparisons, lead && difference && difference.mean - difference.half <= lead.by),
    }
  })
}

function students(seeds: readonly SeedStages[]): string[] {
  const stages = new Set(seeds.flatMap((seed) => Object.keys(seed)))
  return [...stages].flatMap((stage) => /^(.*)-distilled$/.exec(stage)?.[1] ?? [])
}

function values(comparisons: readonly Comparison[]): string[] {
  return (comparisons[0]?.values ?? []).map(({ name, format }, i) => {
    const { mean, half } = seedEstimate(comparisons.map((comparison) => comparison.values[i]!.value))
    return `${name} ${format(mean)}${comparisons.length > 1 ? ` ± ${format(half)}` : ''}`
  })
}

/** Of the questions that both models answered in every seed; undefined where it was not kept which. */
function leadOf(seeds: readonly SeedStages[], { key, more, less }: Lead): Estimate | undefined {
  const figures = ({ stage, result = 'trained' }: Model) =>
    seeds.map((stages) => valuesOf(stages[stage]?.questions[result], key))
  return pairedDifference(figures(less), figures(more))
}

const points = ({ mean, half }: Estimate) =>
  `${mean < 0 ? '−' : '+'}${Math.abs(100 * mean).toFixed(1)} ± ${(100 * half).toFixed(1)} points`

/** `withinChance`: the interval of its difference reaches over the threshold. */
function verdict(
  comparisons: readonly (Comparison | undefined)[],
  withinChance: boolean | undefined,
): string {
  const missing = comparisons.filter((comparison) => comparison === undefined).length
  if (missing > 0)
    return missing === comparisons.length
      ? 'not measured'
      : `not measured in ${missing} of ${comparisons.length} seeds`
  const seeds = comparisons.length
  const held = comparisons.filter((comparison) => comparison!.holds).length
  if (held === 0) return seeds === 1 ? 'fails (one seed)' : `fails in ${every(seeds)}`
  const chance = withinChance ? ', within chance' : ''
  if (held === seeds) return `holds ${seeds === 1 ? '(one seed)' : `in ${every(seeds)}`}${chance}`
  return `holds in ${held} of ${seeds} seeds${chance}`
}

const every = (seeds: number) => (seeds === 2 ? 'both seeds' : `all ${seeds} seeds`)
