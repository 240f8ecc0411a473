/**
 * The moving picture of README and of the site: a run's curves grow, and the same held-out problem is answered before and after.
 *
 *     npx r1 train r1-zero --preset quick --run runs/quick
 *     npx tsx tools/learning-svg.ts runs/quick
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { percent } from '../src/measures/format.ts'
import { firstUpdates, readRunSummary } from '../src/report/run-summary.ts'
import { runTranscripts } from '../src/report/run-transcripts.ts'
import type { TranscriptResponse } from '../src/report/transcript.ts'
import { wrapText } from '../src/report/wrap.ts'

const OUTPUT = resolve(import.meta.dirname, '../docs/public/learning.svg')
const [WIDTH, HEIGHT] = [880, 372]
/** Seconds of one round, and of its parts: the base's answer, the training, the trained model's answer, a pause. */
const ROUND = 18
const BASE = { from: 0.4, to: 2 }
const TRAINING = { from: 2.4, to: 8.4 }
const TRAINED = { from: 8.8, to: 14 }
const COLUMNS = 58

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: learning-svg.ts <run>')
const { steps, results, info } = await readRunSummary(folder)
const rollouts = firstUpdates(steps)
const transcripts = await runTranscripts(folder, 40, 'R1-Zero')
// One whose thinking fits, and is more than a line.
const shown = transcripts.find(({ responses: [, after] }) => {
  const lines = wrapText(after!.text.trim(), COLUMNS).length
  return after!.correct && lines > 2 && lines <= 6 && !/\p{Script=Han}/u.test(after!.text)
})
if (shown === undefined) throw new Error('no held-out problem is fit to be shown')
const [before, after] = shown.responses as [TranscriptResponse, TranscriptResponse]

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const share = (seconds: number) => (seconds / ROUND).toFixed(4)
/** Unseen until that second of each round. */
const appears = (seconds: number) =>
  `<animate attributeName="opacity" dur="${ROUND}s" repeatCount="indefinite" values="0;0;1;1" keyTimes="0;${share(seconds)};${share(seconds + 0.15)};1"/>`

/** Word by word. */
function written(text: string, x: number, y: number, { from, to }: typeof BASE): string {
  const lines = wrapText(text.trim(), COLUMNS)
  const words = lines.flatMap((line) => line.split(' ')).length
  let word = 0
  return lines
    .map((line, l) => {
      const spans = line
        .split(' ')
        .map(
          (one) =>
            `<tspan opacity="1">${escaped(one)} ${appears(from + ((to - from) * word++) / words)}</tspan>`,
        )
      return `<text class="mono" x="${x}" y="${y + 19 * l}" xml:space="preserve">${spans.join('')}</text>`
    })
    .join('\n')
}

function curve(
  key: 'accuracy' | 'meanTokens',
  title: string,
  y: number,
  format: (value: number) => string,
): string {
  const values = rollouts.map((line) => line[key] ?? 0)
  const [low, high] = [0, Math.max(...values) * 1.08]
  const [left, width, height] = [28, 300, 86]
  const at = values.map((value, i) => {
    const x = left + (width * i) / (values.length - 1)
    return `${x.toFixed(1)},${(y + height - ((value - low) / (high - low)) * height).toFixed(1)}`
  })
  const figures = values.map((value, i) => {
    const starts = TRAINING.from + ((TRAINING.to - TRAINING.from) * i) / (values.length - 1)
    const ends =
      i === values.length - 1 ? ROUND : starts + (TRAINING.to - TRAINING.from) / (values.length - 1)
    const times = [0, starts, starts + 0.001, Math.min(ends, ROUND - 0.002), Math.min(ends + 0.001, ROUND)]
    const last = i === values.length - 1 ? '1' : '0'
    return `<text class="value" x="${left + width}" y="${y - 12}" opacity="${last}">${format(value)}<animate attributeName="opacity" dur="${ROUND}s" repeatCount="indefinite" calcMode="discrete" values="0;0;1;1;${last}" keyTimes="${times.map(share).join(';')}"/></text>`
  })
  return `<text class="label" x="${left}" y="${y - 12}">${title}</text>
<line class="axis" x1="${left}" y1="${y + height}" x2="${left + width}" y2="${y + height}"/>
<polyline class="curve" pathLength="1" stroke-dasharray="1" points="${at.join(' ')}"><animate attributeName="stroke-dashoffset" dur="${ROUND}s" repeatCount="indefinite" values="1;1;0;0" keyTimes="0;${share(TRAINING.from)};${share(TRAINING.to)};1"/></polyline>
${figures.join('\n')}`
}

const verdict = ({ correct, numTokens }: TranscriptResponse) =>
  `${correct ? 'right' : 'wrong'}, ${numTokens} tokens`
const heldOut = (name: string) => percent(Number(results[name]!.pass1), 0)
const right = 390
const trainedAt = 132 + 19 * wrapText(before.text.trim(), COLUMNS).length + 30

mkdirSync(dirname(OUTPUT), { recursive: true })
writeFileSync(
  OUTPUT,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Held-out problems solved: ${heldOut('base')} before and ${heldOut('trained')} after ${rollouts.length} rollouts">
<style>
  svg { color-scheme: light dark; --ink: #16181d; --muted: #626977; --card: #ffffff; --line: #e2e2dc; --accent: #3d56f0; --good: #0f7b45; --bad: #bf2f2a }
  @media (prefers-color-scheme: dark) { svg { --ink: #e9ebf0; --muted: #969eae; --card: #16191f; --line: #262b35; --accent: #8ea2ff; --good: #56d39a; --bad: #ff8f86 } }
  text { font: 14px ui-sans-serif, system-ui, sans-serif; fill: var(--ink) }
  .mono { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
  .label { fill: var(--muted) } .value { font-weight: 600; text-anchor: end }
  .curve { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
  .axis { stroke: var(--line) } .card { fill: var(--card); stroke: var(--line) }
  .good { fill: var(--good); font-weight: 600 } .bad { fill: var(--bad); font-weight: 600 } .big { font-size: 22px; font-weight: 650 }
</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="14"/>
${curve('accuracy', 'right answers in training', 52, (value) => percent(value, 0))}
${curve('meanTokens', 'tokens a response', 190, (value) => String(Math.round(value)))}
<text class="label" x="28" y="324">held-out problems solved</text>
<text class="big" x="28" y="352">${heldOut('base')}</text>
<g><text class="label" x="94" y="351">→</text><text class="big good" x="120" y="352">${heldOut('trained')}</text>${appears(TRAINED.to)}</g>
<text class="label" x="328" y="352" text-anchor="end">${rollouts.length} rollouts, seed ${info.seed}</text>
<line class="axis" x1="364" y1="24" x2="364" y2="${HEIGHT - 24}"/>
<text class="label" x="${right}" y="40">the same problem, before and after</text>
<text x="${right}" y="68">${escaped(shown.question.trim())}</text>
<g><text class="${before.correct ? 'good' : 'bad'}" x="${right}" y="104">base: ${verdict(before)}</text>${appears(BASE.to)}</g>
${written(before.text, right, 128, BASE)}
<g><text class="${after.correct ? 'good' : 'bad'}" x="${right}" y="${trainedAt}">R1-Zero: ${verdict(after)}</text>${appears(TRAINED.to)}</g>
${written(after.text, right, trainedAt + 24, TRAINED)}
</svg>
`,
)
console.log(OUTPUT)
