/**
 * The recorded run that the tab plays where it cannot train: ten steps of the tab's own trainer, on the CPU.
 *
 *     npx tsx tools/record-tab.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createOnnxRuntime } from '../src/runtime/onnx-runtime.ts'
import type { Measured, TabEvent, TabGroup } from '../web/src/train/messages.ts'
import { DEFAULTS } from '../web/src/train/settings.ts'
import { openTrainer } from '../web/src/train/trainer.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BASE = join(ROOT, 'models/pocket-base')
const OUTPUT = join(ROOT, 'web/recorded/run.json')
const STEPS = 10
const QUESTIONS = 12
/** Looks at what is being written, a step; the milliseconds between two events; and after those that one reads. */
const LOOKS = 12
const WAIT = { writing: 250, phase: 150, group: 2500, step: 50, measured: 800 }
/** Held-out problems and responses to a question that are kept. */
const PROBLEMS = 8
const RESPONSES = 8

const round = (value: number) => Number(value.toPrecision(4))
const few = (measured: Measured): Measured => ({
  ...measured,
  problems: measured.problems.slice(0, PROBLEMS),
})
function short(group: TabGroup): TabGroup {
  return { ...group, responses: group.responses.slice(0, RESPONSES) }
}

const files = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
]
const events: TabEvent[] = []
const trainer = await openTrainer({
  runtime: createOnnxRuntime({ lean: false }),
  base: Object.fromEntries(files.map((name) => [name, new Uint8Array(readFileSync(join(BASE, name)))])),
  settings: { ...DEFAULTS, steps: STEPS, questionsPerStep: QUESTIONS },
  saved: undefined,
  tell(event) {
    events.push(event)
    if (event.is === 'step') console.error(`step ${event.figures.step} of ${STEPS}`)
  },
  save: async () => {},
})
await trainer.train(false)

const looks = events.filter(({ is }) => is === 'writing')
const every = Math.ceil(looks.length / (LOOKS * STEPS))
const kept = new Set<TabEvent>(looks.filter((_, i) => i % every === 0))
const recorded = events.flatMap((event): [number, TabEvent][] => {
  if (event.is === 'writing')
    return kept.has(event) ? [[WAIT.writing, { ...event, texts: event.texts.slice(0, RESPONSES) }]] : []
  if (event.is === 'group') return [[WAIT.group, { ...event, group: short(event.group) }]]
  if (event.is === 'measured') return [[WAIT.measured, { ...event, measured: few(event.measured) }]]
  if (event.is === 'phase' || event.is === 'step') return [[WAIT[event.is], event]]
  return event.is === 'finished' ? [[0, event]] : []
})
writeFileSync(
  OUTPUT,
  `${JSON.stringify(recorded, (_, value) => (typeof value === 'number' ? round(value) : value))}\n`,
)
