/** Which curves belong on one chart, and how their numbers read. */
import { measureOf } from '../../../src/measures/measures.ts'
import type { RunSeries } from '../../../src/server/dashboard/api.ts'

type Table = 'steps' | 'timing' | 'evaluations'

interface Line {
  table: Table
  key: string
  label: string
  /** Beside a line of its kind: drawn so that the two cannot be taken for each other. */
  secondary?: boolean
}

export interface Panel {
  title: string
  hint: string
  format: (value: number) => string
  lines: Line[]
  /** Areas on top of each other. */
  stacked?: boolean
}

const line =
  (table: Table) =>
  (key: string, label = measureOf(key).label): Line => ({ table, key, label })
const step = line('steps')
const timing = line('timing')
const heldOut = line('evaluations')

/** One measure by itself. */
const panel = (key: string, table: Table = 'steps', title = sentence(measureOf(key).label)): Panel => {
  const { label, explanation, format } = measureOf(key)
  return { title, hint: explanation, format, lines: [{ table, key, label }] }
}

const PANELS: readonly Panel[] = [
  {
    ...panel('accuracy'),
    hint: 'Share of right responses.',
    lines: [
      step('accuracy', 'training'),
      heldOut('pass1', 'held-out pass@1'),
      { ...heldOut('consK', 'held-out majority vote'), secondary: true },
    ],
  },
  { ...panel('reward'), hint: 'Mean over responses, whole and by part.' },
  {
    ...panel('meanTokens'),
    title: 'Response length',
    lines: [step('meanTokens', 'training'), heldOut('meanTokens', 'held-out')],
  },
  panel('kl', 'steps', 'KL to the reference'),
  panel('entropy'),
  panel('clipShare', 'steps', 'Clip share'),
  panel('tokensPerSecond', 'timing', 'Throughput'),
  {
    title: 'Time split',
    hint: 'Seconds of each step.',
    format: measureOf('sampleSeconds').format,
    lines: [timing('sampleSeconds'), timing('scoreSeconds'), timing('trainSeconds')],
    stacked: true,
  },
  panel('residentBytes', 'timing'),
  panel('groupsWithSignal'),
  {
    ...panel('truncatedShare', 'steps', 'Truncated and mixed'),
    hint: 'Share of responses.',
    lines: [step('truncatedShare'), step('mixedLanguageShare')],
  },
  panel('reflectionWords', 'steps', 'Reflection'),
  panel('loss'),
  panel('gradientNorm'),
  panel('learningRate'),
  panel('updateSize'),
  { title: 'Weights', hint: 'Of the parts of the reward.', format: measureOf('weight').format, lines: [] },
]

/** Counters, which no chart needs. */
const HIDDEN = new Set(['sampledTokens', 'documents', 'tokens', 'n', 'samples', 'step'])

/** The panels with something to show, then one for each number that nobody foresaw. */
export function panelsFor(keys: RunSeries['keys']): Panel[] {
  const has = ({ table, key }: Line) => keys[table].includes(key)
  const weights = keys.steps.filter((key) => key.startsWith('weight:'))
  const more: Record<string, Line[]> = {
    Reward: rewardParts(keys.steps).map((key) => step(key)),
    Weights: weights.map((key) => step(key, key.slice('weight:'.length))),
  }
  const known = PANELS.map((panel) => ({
    ...panel,
    lines: [...panel.lines, ...(more[panel.title] ?? [])].filter(has),
  }))
  const used = new Set(known.flatMap(({ lines }) => lines.map(({ table, key }) => `${table}/${key}`)))
  const others = (['steps', 'timing'] as const).flatMap((table) =>
    keys[table]
      .filter((key) => !used.has(`${table}/${key}`) && !HIDDEN.has(key))
      .map((key) => panel(key, table)),
  )
  return [...known.filter(({ lines }) => lines.length > 0), ...others]
}

/** A step's line names the whole reward, its parts, and then the length. */
function rewardParts(keys: readonly string[]): string[] {
  const [from, to] = [keys.indexOf('reward'), keys.indexOf('meanTokens')]
  return from < 0 || to < from ? [] : keys.slice(from + 1, to)
}

function sentence(label: string): string {
  return label[0]!.toUpperCase() + label.slice(1)
}
