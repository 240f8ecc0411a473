/**
 * Models that read the steps of a response, as stages of a pipeline (R1 §4.2): a language model's responses, and what
 * is trained on them. A process reward model says of each step whether it is right, as the world's rules do; a value
 * model says whether the answer will be.
 */
import { join } from 'node:path'
import type { LabelledSteps } from '../algorithms/reward-model.ts'
import type { RewardModelConfig } from '../algorithms/reward-model-config.ts'
import { measureRewardModel } from '../algorithms/reward-model-figures.ts'
import { type JsonObject, readJsonlFile, writeJsonl } from '../disk/jsonl.ts'
import { ConfigError } from '../errors.ts'
import { openModel } from '../loading/local-model.ts'
import { openScalarModel } from '../loading/local-scalar-model.ts'
import { promptTemplate } from '../loading/prompt-template.ts'
import { accuracyReward } from '../rewards/accuracy.ts'
import { readSteps, type StepReader } from '../rewards/process.ts'
import { sampleGroups, stopTokens } from '../rollout/sample-groups.ts'
import { startClock } from '../run/clock.ts'
import { continuation } from '../text/reasoning.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import type { StageContext } from './pipeline.ts'
import { trainInStage } from './reward-model-stages.ts'
import { openSampledBatches } from './sampled-batches.ts'
import type { StageSettings } from './stage-settings.ts'
import type { StepRules, World } from './world.ts'

/** Row of `responses.jsonl`. */
interface ResponseRow extends JsonObject {
  prompt: string
  response: string
  right: boolean
}

const RESPONSES = 'responses.jsonl'
/** Others than reinforcement asks, which begins at 0, and than rejection sampling does. */
const FIRST_QUESTION = 20_000_000
const BATCH = 64
/** Rows of one length, whatever the longest response of a batch: every other one would want a graph of its own. */
const minRowLength = 512

/** Responses at temperature 1 with their verdicts, question after question. */
export async function stepDataStage(
  { world, evaluation }: StageSettings,
  { model: path, questions, samples }: { model: string; questions: number; samples: number },
  { run, seed, signal, progress }: StageContext,
): Promise<JsonObject | undefined> {
  const { engine: policy, tokenizer, renderPrompt } = await openModel(path)
  // Of each question its rows.
  const batches = await openSampledBatches<ResponseRow[]>(run.folder)
  try {
    const { question } = await world.reasoning(seed, evaluation.questions)
    const asked = Array.from({ length: questions }, (_, i) => question(FIRST_QUESTION + i))
    const sampler = {
      policy,
      tokenizer,
      renderPrompt: ({ prompt }: { prompt: string }) => renderPrompt(prompt),
      rewards: [accuracyReward()],
      sampling: { temperature: 1, maxTokens: evaluation.maxTokens },
      signal,
    }
    for (let first = batches.items.length; first < questions; first = batches.items.length) {
      const batch = asked.slice(first, first + BATCH)
      const groups = await sampleGroups(sampler, batch, samples, `${seed}/step-data`, first)
      if (signal?.aborted) return undefined
      batches.add(
        groups.map(({ question: { prompt }, rollouts }) =>
          rollouts.map(({ text, reward }) => ({ prompt, response: text, right: reward === 1 })),
        ),
      )
      progress(batches.items.length, questions)
    }
    const rows = batches.items.flat()
    await writeJsonl(join(run.folder, RESPONSES), rows)
    const right = rows.filter((row) => row.right).length / rows.length
    return { responses: rows.length, right, seconds: batches.seconds() }
  } finally {
    batches.close()
    policy.close()
  }
}

export interface StepModelStage {
  /** The language model that it is made from. */
  model: string
  /** What the labels after a step say: whether it is right, or whether the answer will be. */
  labels: 'steps' | 'outcome'
  /** Questions whose responses are kept for the figures. */
  heldOut: number
  training: RewardModelConfig
}

/** The label after the end is of the answer, with labels of both kinds. */
export async function stepModelStage(
  { world, microBatchTokens, checkpointEvery }: StageSettings,
  { model: path, labels, heldOut, training }: StepModelStage,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, resume, seed } = context
  const seconds = startClock(resume)
  const { model, tokenizer } = await openScalarModel(path, { microBatchTokens, minRowLength, seed })
  try {
    const rules = stepRules(world)
    const reader = stepReader(tokenizer, rules)
    const label = (row: ResponseRow): LabelledSteps => {
      const { response, at } = readSteps(reader, row.response)
      const isRight = (end: number, i: number) => {
        if (labels === 'outcome' || i === at.length - 1) return row.right
        return rules.isRight(tokenizer.decode(response.subarray(i === 0 ? 0 : at[i - 1]! + 1, end + 1)))
      }
      const steps = at.map((end, i) => ({ at: end, label: isRight(end, i) ? (1 as const) : (0 as const) }))
      return { prompt: reader.prompt(row), response, steps }
    }
    const rows = (await readJsonlFile(join(context.input('step-data'), RESPONSES))) as ResponseRow[]
    const kept = new Set([...new Set(rows.map(({ prompt }) => prompt))].slice(-heldOut))
    const examples = rows.filter(({ prompt }) => !kept.has(prompt)).map(label)
    await trainInStage(model, { training, examples, checkpointEvery, seconds }, context)
    if (context.signal?.aborted) return undefined
    const shown = rows.filter(({ prompt }) => kept.has(prompt)).map(label)
    const figures = { ...(await measureRewardModel(model, shown)), oneSided: oneSided(shown) }
    await run.saveModel((folder) => model.save(folder))
    await run.writeEvaluation('held-out', figures)
    return { ...figures, seconds: seconds() }
  } finally {
    model.close()
  }
}

/** The accuracy of saying always the same. */
function oneSided(examples: readonly LabelledSteps[]): number {
  const labels = examples.flatMap(({ steps }) => steps.map((step) => step.label as number))
  const share = labels.reduce((sum, label) => sum + label, 0) / labels.length
  return Math.max(share, 1 - share)
}

/** A world without steps is a mistake of the user's. */
export function stepRules({ steps }: World): StepRules {
  if (steps === undefined)
    throw new ConfigError('this world does not say what a step is.', {
      field: 'world',
      remedy: 'Give the exported world `steps`: what ends one, and whether one is right.',
    })
  return steps
}

/** An end that is more than one token to this model ends no step. */
function stepReader(tokenizer: Tokenizer, { ends }: StepRules): StepReader {
  const { renderPrompt } = promptTemplate(tokenizer)
  const anyPrompt = renderPrompt('Hello')
  return {
    encode: (response) => tokenizer.encode(continuation(anyPrompt, response)),
    stepTokens: ends
      .map((end) => tokenizer.encode(end))
      .flatMap((tokens) => (tokens.length === 1 ? [tokens[0]!] : [])),
    stopTokens: stopTokens(tokenizer),
    prompt: ({ prompt }) => tokenizer.encode(renderPrompt(prompt)),
  }
}

/** A step model as the stage `name` made it, with its reader. */
export async function openStepModel(name: string, { world }: StageSettings, { input }: StageContext) {
  const { model, tokenizer } = await openScalarModel(input(name), { minRowLength })
  return { model, reader: stepReader(tokenizer, stepRules(world)) }
}
