/** Which curves belong on one chart, and how their numbers read. */
import type { RunSeries } from '../../../src/server/dashboard/api.ts'
import { compact, percent, whole } from '../format.ts'

export type Table = 'steps' | 'timing' | 'evaluations'

export interface Line {
  table: Table
  key: string
  label: string
}

export interface Panel {
  title: string
  hint: string
  format: (value: number) => string
  lines: Line[]
  /** Areas on top of each other. */
  stacked?: boolean
}

const share = (value: number) => percent(value, 1)
const step = (key: string, label = words(key)): Line => ({ table: 'steps', key, label })
const timing = (key: string, label = words(key)): Line => ({ table: 'timing', key, label })
const heldOut = (key: string, label: string): Line => ({ table: 'evaluations', key, label })

const PANELS: readonly Panel[] = [
  {
    title: 'Accuracy',
    hint: 'share of right answers',
    format: share,
    lines: [
      step('accuracy', 'training'),
      heldOut('pass1', 'held-out pass@1'),
      heldOut('consK', 'majority vote'),
    ],
  },
  {
    title: 'Reward',
    hint: 'mean over responses, whole and by part',
    format: compact,
    lines: [step('reward')],
  },
  {
    title: 'Response length',
    hint: 'mean tokens a response',
    format: whole,
    lines: [step('meanTokens', 'training'), heldOut('meanTokens', 'held-out')],
  },
  { title: 'KL to the reference', hint: 'nats a token', format: compact, lines: [step('kl', 'KL')] },
  { title: 'Entropy', hint: 'nats a token', format: compact, lines: [step('entropy')] },
  { title: 'Clip share', hint: 'tokens outside the clip range', format: share, lines: [step('clipShare')] },
  {
    title: 'Throughput',
    hint: 'tokens sampled a second',
    format: whole,
    lines: [timing('tokensPerSecond', 'tokens/s')],
  },
  {
    title: 'Time split',
    hint: 'seconds a step',
    format: (value) => `${compact(value)} s`,
    lines: [
      timing('sampleSeconds', 'sampling'),
      timing('scoreSeconds', 'scoring'),
      timing('trainSeconds', 'training'),
    ],
    stacked: true,
  },
  {
    title: 'Groups with signal',
    hint: 'share whose rewards differ',
    format: share,
    lines: [step('groupsWithSignal')],
  },
  {
    title: 'Truncated and mixed',
    hint: 'share of responses',
    format: share,
    lines: [step('truncatedShare', 'truncated'), step('mixedLanguageShare', 'mixed language')],
  },
  {
    title: 'Reflection',
    hint: 'words such as “wait” a response',
    format: compact,
    lines: [step('reflectionWords')],
  },
  { title: 'Loss', hint: 'of the update', format: compact, lines: [step('loss')] },
  { title: 'Gradient norm', hint: 'before clipping', format: compact, lines: [step('gradientNorm')] },
  { title: 'Learning rate', hint: 'of the update', format: compact, lines: [step('learningRate')] },
]

/** Counters, which no chart needs. */
const HIDDEN = new Set(['sampledTokens', 'documents', 'tokens', 'n', 'samples', 'step'])

/** The panels with something to show, then one for each number that nobody foresaw. */
export function panelsFor(keys: RunSeries['keys']): Panel[] {
  const has = ({ table, key }: Line) => keys[table].includes(key)
  const parts = rewardParts(keys.steps).map((key) => step(key))
  const known = PANELS.map((panel) => ({
    ...panel,
    lines: (panel.title === 'Reward' ? [...panel.lines, ...parts] : panel.lines).filter(has),
  }))
  const used = new Set(known.flatMap(({ lines }) => lines.map(({ table, key }) => `${table}/${key}`)))
  const others = (['steps', 'timing'] as const).flatMap((table) =>
    keys[table]
      .filter((key) => !used.has(`${table}/${key}`) && !HIDDEN.has(key))
      .map((key) => ({
        title: words(key),
        hint: '',
        format: compact,
        lines: [{ table, key, label: words(key) }],
      })),
  )
  return [...known.filter(({ lines }) => lines.length > 0), ...others]
}

/** A step's line names the whole reward, its parts, and then the length. */
function rewardParts(keys: readonly string[]): string[] {
  const [from, to] = [keys.indexOf('reward'), keys.indexOf('meanTokens')]
  return from < 0 || to < from ? [] : keys.slice(from + 1, to)
}

function words(key: string): string {
  const spaced = key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return spaced[0]!.toUpperCase() + spaced.slice(1)
}
