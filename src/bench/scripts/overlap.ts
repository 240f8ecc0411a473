/**
 * Steps an hour of GRPO on a remote engine's double with the latencies of Qwen2.5-7B, in simulated time: taking turns,
 * and sampling beside training.
 *
 *     npx tsx src/bench/scripts/overlap.ts [--rollouts 24] [--sampling 32] [--training 32]
 *
 * Rollouts are the paper's: 512 questions, 16 minibatches; each group is of 2 responses to save work here, but as late as
 * the longest of 16. Pools of so many H100 sample and train (test/slow-engine.ts). A pool that samples two rollouts at a
 * time takes no longer for either: what it waits for are single long responses.
 */
import { parseArgs } from 'node:util'
import { letterQuestion, letterTask, letterTokenizer } from '../../../test/letter-world.ts'
import { latencies7B, slowEngine } from '../../../test/slow-engine.ts'
import { inVirtualTime } from '../../../test/virtual-clock.ts'
import { type GrpoStep, grpo } from '../../algorithms/grpo.ts'
import { grpoConfig } from '../../algorithms/grpo-config.ts'
import { createTabularEngine } from '../../engine/reference/tabular-engine.ts'
import { terminalTable } from '../../report/tables.ts'

const { values } = parseArgs({
  options: {
    rollouts: { type: 'string', default: '24' },
    sampling: { type: 'string', default: '32' },
    training: { type: 'string', default: '32' },
  },
})
const rollouts = Number(values.rollouts)
const sizes = { questionsPerStep: 32, minibatches: 16 }
const pools = { sampling: Number(values.sampling), training: Number(values.training) }
const latencies = latencies7B({ ...sizes, groupSize: 16 }, pools)

async function stepsPerHour(settings: { staleness: number; deadline: number | null }) {
  const steps: GrpoStep[] = []
  const engine = createTabularEngine({ vocabularySize: 4 })
  const { seconds } = await inVirtualTime(() =>
    grpo({
      engine: slowEngine(engine, {
        ...latencies,
        sample: (request) => latencies.sample({ ...request, samples: 16 }),
      }),
      tokenizer: letterTokenizer('ab.q'),
      renderPrompt: ({ prompt }) => prompt,
      rewards: [{ name: 'accuracy', weight: 1, score: ({ text }) => Number(text.startsWith('a')) }],
      seed: 1,
      question: (index) => ({ task: letterTask, question: letterQuestion('q', index) }),
      config: grpoConfig.parse({
        ...sizes,
        ...settings,
        groupSize: 2,
        steps: rollouts * sizes.minibatches,
        maxTokens: 4,
        learningRate: 0.001,
        klWeight: 0,
      }),
      onStep: (step) => void steps.push(step),
    }),
  )
  const mean = (key: string) =>
    steps.reduce((sum, { metrics }) => sum + (metrics[key] ?? 0), 0) / steps.length
  return { perHour: (3600 * steps.length) / seconds, age: mean('staleness'), late: mean('lateGroups') }
}

const rows: string[][] = []
let turns = 0
for (const deadline of [null, 60])
  for (const staleness of [0, 1, 2]) {
    const { perHour, age, late } = await stepsPerHour({ staleness, deadline })
    if (rows.length === 0) turns = perHour
    rows.push([
      String(staleness),
      deadline === null ? '–' : `${deadline} s`,
      perHour.toFixed(0),
      (perHour / turns).toFixed(2),
      age.toFixed(2),
      late.toFixed(0),
    ])
  }
const right = (name: string) => ({ name, align: 'right' as const })
process.stdout.write(
  `${terminalTable(
    ['staleness', 'deadline', 'steps/h', 'times', 'mean age', 'late groups'].map(right),
    rows,
  )}\n`,
)
