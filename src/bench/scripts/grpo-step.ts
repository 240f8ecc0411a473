/**
 * Seconds of a GRPO step on the pocket model, here and in TRL's GRPOTrainer: the same model, prompts, group size, length limit,
 * learning rate and cores.
 *
 *     npx tsx src/bench/scripts/grpo-step.ts --peer venv/bin/python [--sizes 16x16,4x8] [--steps 4] [--rounds 5]
 *
 * A size is questions x responses. Each round trains here, then there, from the base model; the first step of a training, which compiles
 * graphs, counts for neither. Reported is the median over all rounds' steps, and the mean length of the responses, which should be about
 * the same.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openModel } from '../../loading/local-model.ts'
import { mean } from '../../measures/statistics.ts'
import { onPolicy } from '../../recipes/presets/pocket.ts'
import { type TrainStep, train } from '../../recipes/train.ts'
import { terminalTable } from '../../report/tables.ts'
import { pocketTask } from '../../tasks/pocket/task.ts'

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    sizes: { type: 'string', default: '16x16,4x8' },
    steps: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
  },
})
const steps = Number(values.steps)
const tool = fileURLToPath(new URL('../../../tools/trl_peer.py', import.meta.url))
const { learningRate, klWeight, maxTokens } = onPolicy.grpo

interface Figures {
  seconds: number[]
  tokens: number[]
}

async function here(questionsPerStep: number, groupSize: number, seed: number): Promise<Figures> {
  const done: TrainStep[] = []
  const grpo = { questionsPerStep, groupSize, warmupSteps: 0, decay: 'constant' as const }
  const { model } = await train({
    steps,
    seed,
    grpo,
    evaluation: false,
    onStep: (step) => void done.push(step),
  })
  model.engine.close()
  return { seconds: done.map(({ seconds }) => seconds), tokens: done.map(({ meanTokens }) => meanTokens) }
}

async function there(
  python: string,
  questionsPerStep: number,
  groupSize: number,
  seed: number,
): Promise<Figures> {
  const { folder, renderPrompt, engine } = await openModel('pocket-base')
  engine.close()
  const task = pocketTask('countdown')
  const prompts = Array.from({ length: steps * questionsPerStep }, (_, i) => {
    const { prompt, data } = task.question(seed, i)
    return { text: renderPrompt(prompt), ...(data as { numbers: number[]; target: number }) }
  })
  const asked = {
    model: folder,
    prompts,
    groupSize,
    questionsPerStep,
    maxTokens,
    learningRate,
    klWeight,
    steps,
  }
  const { stdout, status } = spawnSync(python, [tool], {
    input: JSON.stringify(asked),
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  })
  if (status !== 0)
    throw new Error(`${python} ${tool} failed: it needs torch, transformers, trl and datasets`)
  return JSON.parse(stdout.toString().trim().split('\n').at(-1)!) as Figures
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

const rows: string[][] = []
for (const size of values.sizes.split(',')) {
  const [questions = 0, responses = 0] = size.split('x').map(Number)
  const ours: Figures = { seconds: [], tokens: [] }
  const theirs: Figures = { seconds: [], tokens: [] }
  for (let seed = 1; seed <= Number(values.rounds); seed++)
    for (const [figures, measured] of [
      [ours, await here(questions, responses, seed)],
      ...(values.peer === undefined
        ? []
        : [[theirs, await there(values.peer, questions, responses, seed)] as const]),
    ] as const) {
      figures.seconds.push(...measured.seconds.slice(1))
      figures.tokens.push(...measured.tokens.slice(1))
    }
  for (const [name, { seconds, tokens }] of [
    ['r1', ours],
    ['TRL', theirs],
  ] as const)
    if (seconds.length > 0)
      rows.push([
        `${questions} questions, ${responses} responses each`,
        name,
        median(seconds).toFixed(2),
        mean(tokens).toFixed(0),
      ])
}
console.log(
  terminalTable(
    [
      { name: 'size' },
      { name: 'program' },
      { name: 'seconds a step', align: 'right' },
      { name: 'tokens a response', align: 'right' },
    ],
    rows,
  ),
)
