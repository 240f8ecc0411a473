/**
 * What `test/healthy-runs` keeps of a run: the settings and figures that the doctor's rules look at, in four digits.
 *
 *     npx tsx tools/healthy-run.ts runs/one pocket-2
 */
import { join } from 'node:path'
import { writeJsonl } from '../src/disk/jsonl.ts'
import { replaceFile } from '../src/disk/replace-file.ts'
import { CONFIG, METRICS, readRunInfo } from '../src/run/folder.ts'
import { numbersOf, readMetrics } from '../src/run/metrics.ts'

const SETTINGS = [
  'steps',
  'minibatches',
  'innerEpochs',
  'maxTokens',
  'staleness',
  'deadline',
  'importanceCap',
]

const [run, name] = process.argv.slice(2)
if (run === undefined || name === undefined) throw new Error('usage: tools/healthy-run.ts RUN NAME')
const folder = join(import.meta.dirname, '../test/healthy-runs', name)

async function* lines(from: string) {
  for await (const { step, evaluation, ...figures } of readMetrics(join(from, METRICS)))
    yield evaluation === undefined
      ? rounded(numbersOf(step, figures))
      : { step, evaluation: rounded(numbersOf(step, evaluation as object), ['step']) }
}

const rounded = (figures: Record<string, number>, without: readonly string[] = []) =>
  Object.fromEntries(
    Object.entries(figures)
      .filter(([key]) => !without.includes(key))
      .map(([key, value]) => [key, Number(value.toPrecision(4))]),
  )

const { recipe, version, seed, created, config } = readRunInfo(run)
const { task, grpo, model } = config as { task?: string; model?: string; grpo: Record<string, unknown> }
const kept = Object.fromEntries(SETTINGS.map((key) => [key, grpo[key]]))
const info = { recipe, version, seed, created, config: { task, model, grpo: kept }, sources: {} }
await replaceFile(join(folder, CONFIG), `${JSON.stringify(info, null, 2)}\n`)
await writeJsonl(join(folder, METRICS), lines(run))
