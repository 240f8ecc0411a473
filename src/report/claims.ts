/**
 * The paper's claims and what the miniature measured of each, seed by seed. A claim holds in a seed where its own
 * comparison is true there; the verdict counts seeds and says so. Nothing here is tuned to come out true.
 */
import { formatNumber, meanAndSpread, percent } from '../measures/format.ts'
import { STEP_SECONDS } from '../measures/measures.ts'
import type { RunSummary } from './run-summary.ts'

/** The stages of one seed's pipeline by name, those that are finished. */
export type SeedStages = Readonly<Record<string, RunSummary>>

export interface Claim {
  claim: string
  /** What the paper measured, with its section. */
  paper: string
  /** Names and values of what was compared, seed by seed; undefined where a stage is missing. */
  measured: (stages: SeedStages) => Comparison | undefined
}

interface Comparison {
  values: readonly { name: string; value: number; format: (value: number) => string }[]
  holds: boolean
}

export interface JudgedClaim {
  claim: string
  paper: string
  measured: string
  verdict: string
}

const share = (name: string, value: number) => ({ name, value, format: (x: number) => percent(x) })
const plain = (name: string, value: number) => ({ name, value, format: (x: number) => formatNumber(x) })

/** A figure of `evaluations/<result>.json`. */
function figure(stages: SeedStages, stage: string, key: string, result = 'trained'): number {
  const value = stages[stage]?.results[result]?.[key]
  return typeof value === 'number' ? value : Number.NaN
}

/** The mean of a metric over the first or the last quarter of a stage's steps. */
function course(stages: SeedStages, stage: string, key: string, part: 'first' | 'last'): number {
  const values = (stages[stage]?.steps ?? []).map((step) => step[key]).filter((x) => x !== undefined)
  const quarter = Math.ceil(values.length / 4)
  return meanAndSpread(part === 'first' ? values.slice(0, quarter) : values.slice(-quarter)).mean
}

/** The mean of a metric over the last quarter of a stage's steps, and over the same steps of another stage. */
function atSameSteps(stages: SeedStages, stage: string, other: string, key: string): [number, number] {
  const steps = (stages[stage]?.steps ?? []).map(({ step }) => step)
  const last = new Set(steps.slice(-Math.ceil(steps.length / 4)))
  const over = (name: string) => {
    const same = (stages[name]?.steps ?? []).filter(({ step }) => last.has(step))
    return meanAndSpread(same.map((step) => step[key] ?? Number.NaN)).mean
  }
  return [over(stage), over(other)]
}

function secondsAStep(stages: SeedStages, stage: string): number {
  const steps = stages[stage]?.steps ?? []
  return meanAndSpread(
    steps.map((step) => STEP_SECONDS.reduce((sum, key) => sum + (step[key] ?? Number.NaN), 0)),
  ).mean
}

/** Undefined where a value is missing. */
function compare(
  values: Comparison['values'],
  holds: (...numbers: number[]) => boolean,
): Comparison | undefined {
  const numbers = values.map(({ value }) => value)
  return numbers.every(Number.isFinite) ? { values, holds: holds(...numbers) } : undefined
}

/** Two shares that differ by less are called the same. */
const SAME = 0.02
/** The share of responses from which on a model is said to mix languages. */
const MIXED = 0.05

/** The helpful score in the course of the training that has it throughout, and a figure of the model before and after. */
function scoreUpWhileDown(
  s: SeedStages,
  name: string,
  key: string,
  besides: Comparison['values'] = [],
): Comparison | undefined {
  return compare(
    [
      plain('score first', course(s, 'preference-throughout', 'helpful', 'first')),
      plain('score last', course(s, 'preference-throughout', 'helpful', 'last')),
      share(`${name} before`, figure(s, 'dev3', key)),
      share(`${name} after`, figure(s, 'preference-throughout', key)),
      ...besides,
    ],
    (first, last, before, after) => last! > first! && after! < before! - SAME,
  )
}

export const CLAIMS: readonly Claim[] = [
  {
    claim: 'R1-Zero: accuracy rises by reinforcement alone',
    paper: 'AIME pass@1 15.6 % → 71.0 % (R1 §2.2.4)',
    measured: (s) =>
      compare(
        [share('base', figure(s, 'zero', 'pass1', 'base')), share('R1-Zero', figure(s, 'zero', 'pass1'))],
        (base, zero) => zero! > base! + SAME,
      ),
  },
  {
    claim: 'R1-Zero: responses grow longer with it',
    paper: 'from hundreds to thousands of tokens (R1 §2.2.4)',
    measured: (s) =>
      compare(
        [
          plain('base', figure(s, 'zero', 'meanTokens', 'base')),
          plain('R1-Zero', figure(s, 'zero', 'meanTokens')),
        ],
        (base, zero) => zero! > 1.5 * base!,
      ),
  },
  {
    claim: 'R1-Zero: the majority is right more often than one response',
    paper: 'cons@64 86.7 %, pass@1 71.0 % (R1 §2.2.4)',
    measured: (s) =>
      compare(
        [share('cons@k', figure(s, 'zero', 'consK')), share('pass@1', figure(s, 'zero', 'pass1'))],
        (cons, pass) => cons! > pass!,
      ),
  },
  {
    claim: 'R1-Zero: reflection words multiply',
    paper: '5 to 7 times as many (R1 §2.2.4)',
    measured: (s) =>
      compare(
        [
          plain('base', figure(s, 'zero', 'reflectionWords', 'base')),
          plain('R1-Zero', figure(s, 'zero', 'reflectionWords')),
        ],
        (base, zero) => zero! > 2 * base!,
      ),
  },
  {
    claim: 'R1-Zero mixes languages',
    paper: 'named as its defect (R1 §2.2.4), and more of it the longer it trains (R1 §2.3.2)',
    measured: (s) =>
      compare(
        [
          share('in training, first', course(s, 'zero', 'mixedLanguageShare', 'first')),
          share('last', course(s, 'zero', 'mixedLanguageShare', 'last')),
          share('evaluated', figure(s, 'zero', 'mixedLanguageShare')),
        ],
        (first, last) => last! >= MIXED && last! > first!,
      ),
  },
  {
    claim: 'The language reward removes the mixing',
    paper: 'consistency stays flat with it, decays without (R1 §2.3.2)',
    measured: (s) =>
      compare(
        [
          share('in training, last, with it', course(s, 'zero-language', 'mixedLanguageShare', 'last')),
          share('without', course(s, 'zero', 'mixedLanguageShare', 'last')),
          share('evaluated, with it', figure(s, 'zero-language', 'mixedLanguageShare')),
          share('without', figure(s, 'zero', 'mixedLanguageShare')),
        ],
        (training, free, evaluated) => training! < free! && evaluated! < MIXED,
      ),
  },
  {
    claim: 'The language reward costs little accuracy',
    paper: 'a slight degradation (R1 §2.3.2)',
    measured: (s) =>
      compare(
        [share('with it', figure(s, 'zero-language', 'pass1')), share('without', figure(s, 'zero', 'pass1'))],
        (held, free) => held! > free! - 0.05,
      ),
  },
  {
    claim: 'Dev1 is more readable than R1-Zero',
    paper: 'what the cold start is for (R1 §2.3.1)',
    measured: (s) =>
      compare(
        [share('R1-Zero', figure(s, 'zero', 'readable')), share('Dev1', figure(s, 'dev1', 'readable'))],
        (zero, dev1) => dev1! > zero! + SAME,
      ),
  },
  {
    claim: 'Dev1 reasons worse than R1-Zero',
    paper: 'AIME 77.9 % → 59.0 % (R1 v2 Table 3)',
    measured: (s) =>
      compare(
        [share('R1-Zero', figure(s, 'zero', 'pass1')), share('Dev1', figure(s, 'dev1', 'pass1'))],
        (zero, dev1) => dev1! < zero! - SAME,
      ),
  },
  {
    claim: 'Dev2 recovers what Dev1 lost',
    paper: 'AIME 59.0 % → 74.0 % (R1 v2 Table 3)',
    measured: (s) =>
      compare(
        [share('Dev1', figure(s, 'dev1', 'pass1')), share('Dev2', figure(s, 'dev2', 'pass1'))],
        (dev1, dev2) => dev2! > dev1! + SAME,
      ),
  },
  {
    claim: 'Dev3 gains on general requests',
    paper: 'AlpacaEval 55.8 → 62.1 (R1 v2 Table 3)',
    measured: (s) =>
      compare(
        [share('Dev2', figure(s, 'dev2', 'good')), share('Dev3', figure(s, 'dev3', 'good'))],
        (dev2, dev3) => dev3! > dev2! + SAME,
      ),
  },
  {
    claim: 'R1 is the best all in all',
    paper: 'best or second in 16 of 20 rows (R1 v2 Table 3)',
    measured: (s) => {
      const models = ['zero', 'dev1', 'dev2', 'dev3', 'r1']
      const overall = (stage: string) =>
        (figure(s, stage, 'pass1') + figure(s, stage, 'readable') + figure(s, stage, 'good')) / 3
      return compare(
        models.map((stage) => share(NAMES[stage]!, overall(stage))),
        (...figures) => figures.at(-1)! >= Math.max(...figures),
      )
    },
  },
  {
    claim: 'A preference reward held too long is hacked: its score rises while reasoning falls',
    paper: 'helpful reward up, Codeforces down (R1 v2 SB.5)',
    measured: (s) => scoreUpWhileDown(s, 'pass@1', 'pass1'),
  },
  {
    claim:
      'Held too long its score no longer means help: it rises while answers get worse by the hidden rule',
    paper: 'hacking: the score alone rises (R1 v2 SB.5)',
    measured: (s) => scoreUpWhileDown(s, 'helpful', 'helpful', [share('R1', figure(s, 'r1', 'helpful'))]),
  },
  {
    claim: 'Preference rewards in the last steps alone do no such harm',
    paper: 'only in the last 400 of 1,700 steps (R1 §2.3.4)',
    measured: (s) =>
      compare(
        [share('Dev3', figure(s, 'dev3', 'pass1')), share('R1', figure(s, 'r1', 'pass1'))],
        (dev3, r1) => r1! >= dev3! - SAME,
      ),
  },
  {
    claim: 'GRPO reaches what PPO with a critic reaches, for less',
    paper: 'PPO below GRPO at λ 0.95, near it at λ 1, at extra cost (R1 v2 SA.3)',
    measured: (s) =>
      compare(
        [
          share('GRPO', figure(s, 'zero', 'pass1')),
          share('PPO', figure(s, 'ppo', 'pass1')),
          plain('seconds a step, GRPO', secondsAStep(s, 'zero')),
          plain('PPO', secondsAStep(s, 'ppo')),
        ],
        (grpo, ppo, cheap, dear) => grpo! > ppo! - SAME && cheap! < dear!,
      ),
  },
  {
    claim: 'The best response by a process reward model is right no more often than the majority',
    paper: 'good at choosing, not worth its cost (R1 §4.2)',
    measured: (s) =>
      compare(
        [
          share('best', figure(s, 'best-of-n', 'pass1', 'best')),
          share('majority', figure(s, 'best-of-n', 'pass1', 'majority')),
          share('best of half as many', figure(s, 'best-of-n', 'pass1', 'best-of-half')),
          share('one response of R1-Zero', figure(s, 'zero', 'pass1')),
        ],
        (best, majority) => best! <= majority! + SAME,
      ),
  },
  {
    claim: 'Tree search on the base is right no more often than the majority of as many tokens',
    paper: 'stuck in local optima, a value model hard to train (R1 §4.2)',
    measured: (s) =>
      compare(
        [
          share('search', figure(s, 'tree-search', 'pass1', 'search')),
          share('majority', figure(s, 'tree-search', 'pass1', 'majority')),
          plain('tokens', figure(s, 'tree-search', 'meanTokens', 'search')),
          share('one response of R1-Zero', figure(s, 'zero', 'pass1')),
        ],
        (search, majority) => search! <= majority! + SAME,
      ),
  },
  {
    claim: "A process reward teaches no more than the verifier's in as many steps",
    paper: 'leads to hacking, and not worth its cost in large runs (R1 §4.2)',
    measured: (s) => {
      const [process, verifier] = atSameSteps(s, 'process-reward', 'zero', 'accuracy')
      return compare(
        [share('process reward', process), share('R1-Zero', verifier)],
        (taught, zero) => taught! <= zero! + SAME,
      )
    },
  },
]

/** One claim a student that was distilled in any seed. */
function studentClaims(seeds: readonly SeedStages[]): Claim[] {
  const stages = new Set(seeds.flatMap((seed) => Object.keys(seed)))
  const students = [...stages].flatMap((stage) => /^(.*)-distilled$/.exec(stage)?.[1] ?? [])
  return students.map((student) => ({
    claim: `Distilling beats reinforcement on the small model: ${student}`,
    paper: 'Qwen-32B, AIME: 72.6 % distilled, 47.0 % by reinforcement (R1 §2.4)',
    measured: (s) =>
      compare(
        [
          share('distilled', figure(s, `${student}-distilled`, 'pass1')),
          share('reinforced', figure(s, `${student}-rl`, 'pass1')),
        ],
        (distilled, reinforced) => distilled! > reinforced! + SAME,
      ),
  }))
}

const NAMES: Record<string, string> = { zero: 'R1-Zero', dev1: 'Dev1', dev2: 'Dev2', dev3: 'Dev3', r1: 'R1' }

/** Claims of which no seed has the stages are left out. */
export function judgeClaims(
  seeds: readonly SeedStages[],
  claims: readonly Claim[] = [...CLAIMS, ...studentClaims(seeds)],
): JudgedClaim[] {
  return claims.flatMap(({ claim, paper, measured }) => {
    const comparisons = seeds.map(measured).filter((comparison) => comparison !== undefined)
    if (comparisons.length === 0) return []
    const held = comparisons.filter(({ holds }) => holds).length
    const parts = comparisons[0]!.values.map(({ name, format }, i) => {
      const { mean, spread, n } = meanAndSpread(comparisons.map(({ values }) => values[i]!.value))
      return `${name} ${format(mean)}${n > 1 ? ` ± ${format(spread)}` : ''}`
    })
    return [{ claim, paper, measured: parts.join(', '), verdict: verdict(held, comparisons.length) }]
  })
}

function verdict(held: number, seeds: number): string {
  if (held === seeds) return seeds === 1 ? 'holds (one seed)' : `holds in ${every(seeds)}`
  if (held === 0) return seeds === 1 ? 'fails (one seed)' : `fails in ${every(seeds)}`
  return `holds in ${held} of ${seeds} seeds`
}

const every = (seeds: number) => (seeds === 2 ? 'both seeds' : `all ${seeds} seeds`)
