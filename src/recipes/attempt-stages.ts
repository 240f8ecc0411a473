/** Stages of the experiments with steps: data, the two models that read steps, what they choose, and what they teach. */
import { join } from 'node:path'
import { type JsonObject, readJsonl, writeJsonl } from '../disk/jsonl.ts'
import { evaluateHeldOut } from '../evaluation/held-out.ts'
import { majorityAt, type ScoredSample, selectionCurve } from '../evaluation/selection.ts'
import { treeSearch } from '../evaluation/tree-search.ts'
import { processReward, readSteps, type StepReader } from '../rewards/process.ts'
import { type LocalModel, openLocalModel, promptTemplate } from '../rollout/local-model.ts'
import { openScalarModel } from '../rollout/local-scalar-model.ts'
import { type AskedQuestion, sampleGroups, stopTokens } from '../rollout/sample-groups.ts'
import type { GrpoConfig } from '../stages/grpo-config.ts'
import {
  type LabelledSteps,
  rewardModelSteps,
  scorePlaces,
  trainRewardModel,
} from '../stages/reward-model.ts'
import type { RewardModelConfig } from '../stages/reward-model-config.ts'
import { measureRewardModel } from '../stages/reward-model-figures.ts'
import { pocketSteps, STEP_ENDS } from '../tasks/pocket/steps.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { reinforcementStage } from './model-stages.ts'
import type { StageContext } from './pipeline.ts'
import type { StageSettings } from './stage-settings.ts'

/** Row of `responses.jsonl`. */
interface ResponseRow extends JsonObject {
  prompt: string
  response: string
  correct: boolean
}

const RESPONSES = 'responses.jsonl'
/** Others than reinforcement asks, which begins at 0, and than rejection sampling does. */
const FIRST_QUESTION = 20_000_000

/** Every response with its verdict, question after question. */
export async function stepDataStage(
  { world, evaluation }: StageSettings,
  { model: path, questions, samples }: { model: string; questions: number; samples: number },
  { run, seed, signal, progress }: StageContext,
): Promise<JsonObject | undefined> {
  const model = await openLocalModel(path)
  try {
    const { question } = await world.reasoning(seed, 1)
    const rows: ResponseRow[] = []
    const batch = 64
    for (let first = 0; first < questions; first += batch) {
      const asked = Array.from({ length: Math.min(batch, questions - first) }, (_, i) =>
        question(FIRST_QUESTION + first + i),
      )
      const groups = await sampleGroups(
        sampler(model, evaluation.maxTokens, signal),
        asked,
        samples,
        `${seed}/steps/${first}`,
      )
      if (signal?.aborted) return undefined
      for (const [i, { rollouts }] of groups.entries())
        for (const { text } of rollouts) rows.push(await judged(asked[i]!, text))
      progress(first + asked.length, questions)
    }
    await writeJsonl(join(run.folder, RESPONSES), rows)
    const right = rows.filter(({ correct }) => correct).length
    return { responses: rows.length, right: right / rows.length }
  } finally {
    model.engine.close()
  }
}

const sampler = (
  { engine, tokenizer, renderPrompt }: LocalModel,
  maxTokens: number,
  signal?: AbortSignal,
) => ({
  policy: engine,
  tokenizer,
  renderPrompt: ({ prompt }: { prompt: string }) => renderPrompt(prompt),
  rewards: [],
  sampling: { temperature: 1, maxTokens },
  signal,
})

async function judged({ question, task }: AskedQuestion, response: string): Promise<ResponseRow> {
  const { correct } = await task.verify(question, response)
  return { prompt: question.prompt, response, correct }
}

/** How a model of steps reads prompts and responses. */
function reading(
  tokenizer: Tokenizer,
): StepReader & { prompt: (question: { prompt: string }) => Int32Array } {
  const { renderPrompt } = promptTemplate(tokenizer)
  return {
    tokenizer,
    stopTokens: stopTokens(tokenizer),
    ends: (response) => pocketSteps(response).map(({ end }) => end),
    prompt: ({ prompt }) => tokenizer.encode(renderPrompt(prompt)),
  }
}

/** Labels after each step and at the end: whether it is right, by rules, or whether the answer will be. */
export async function stepModelStage(
  { microBatchTokens, checkpointEvery }: StageSettings,
  options: { model: string; labels: 'rules' | 'outcome'; heldOut: number; training: RewardModelConfig },
  { run, resume, seed, signal, progress, input }: StageContext,
): Promise<JsonObject | undefined> {
  const { training } = options
  const { model, tokenizer } = await openScalarModel(options.model, { microBatchTokens, seed })
  try {
    const reader = reading(tokenizer)
    const rows: ResponseRow[] = []
    for await (const { value } of readJsonl(join(input('step-data'), RESPONSES)))
      rows.push(value as ResponseRow)
    const labelled = rows.map((row): LabelledSteps => {
      const { response, at } = readSteps(reader, row.response)
      const rights = [...pocketSteps(row.response).map(({ right }) => right), row.correct]
      return {
        prompt: reader.prompt(row),
        response,
        steps: at.map((place, i) => ({
          at: place,
          label: (options.labels === 'rules' ? rights[i] : row.correct) ? 1 : 0,
        })),
      }
    })
    const prompts = [...new Set(rows.map(({ prompt }) => prompt))]
    const kept = new Set(prompts.slice(-options.heldOut))
    const examples = labelled.filter((_, i) => !kept.has(rows[i]!.prompt))
    const heldOut = labelled.filter((_, i) => kept.has(rows[i]!.prompt))
    if (resume !== undefined) await model.load(resume.folder, { optimizer: true })
    const steps = rewardModelSteps(training, examples.length)
    await trainRewardModel({
      model,
      config: training,
      seed,
      examples,
      fromStep: resume?.step ?? 0,
      signal,
      async onStep(step) {
        run.log({ ...step })
        progress(step.step, steps, `loss ${step.loss.toFixed(3)}  accuracy ${step.accuracy.toFixed(2)}`)
        if (step.step % checkpointEvery !== 0 && step.step < steps && !signal?.aborted) return
        await run.saveCheckpoint({
          step: step.step,
          state: {},
          keep: 1,
          write: (folder) => model.save(folder, { optimizer: true }),
        })
      },
    })
    if (signal?.aborted) return undefined
    const figures = await measureRewardModel(model, heldOut)
    await model.save(join(run.folder, 'model'))
    await run.writeEvaluation('held-out', { ...figures })
    return { ...figures }
  } finally {
    model.close()
  }
}

/** Three ways to spend the tokens of `evaluation.samples` responses to a held-out question. */
export async function selectionStage(
  { world, evaluation }: StageSettings,
  { model: path, search }: { model: string; search: { width: number; exploration: number } },
  { run, seed, signal, progress, input }: StageContext,
): Promise<JsonObject | undefined> {
  const model = await openLocalModel(path)
  const judge = await openScalarModel(join(input('process-rm'), 'model'))
  const value = await openScalarModel(join(input('value-model'), 'model'))
  try {
    const { engine, tokenizer } = model
    const { samples, temperature, topP, maxTokens } = evaluation
    const sampling = { temperature, topP, maxTokens }
    const { heldOut } = await world.reasoning(0, evaluation.questions)
    const { groups } = await evaluateHeldOut({
      ...model,
      policy: engine,
      set: heldOut,
      samples,
      sampling,
      seed,
      signal,
    })
    if (signal?.aborted) return undefined
    progress(1, 3, `${samples} responses to each of ${groups.length} questions`)

    const reader = reading(tokenizer)
    const read = groups.flatMap(({ question, rollouts }) =>
      rollouts.map(({ text }) => {
        const prompt = reader.prompt(question)
        const { response, at } = readSteps(reader, text)
        return {
          tokens: Int32Array.from([...prompt, ...response]),
          at: at.map((place) => prompt.length + place),
        }
      }),
    )
    const scores = (await scorePlaces(judge.model, read)).map((values) => Math.min(...values))
    const scored = await Promise.all(
      groups.map(({ question, rollouts }, q) =>
        Promise.all(
          rollouts.map(
            async ({ text, tokens, stopReason }, sample): Promise<ScoredSample> => ({
              sample,
              ...(await heldOut.verify(question, text)),
              tokens: tokens.length,
              thinkingTokens: null,
              truncated: stopReason === 'length',
              wellFormed: true,
              reflectionWords: 0,
              score: scores[q * samples + sample]!,
            }),
          ),
        ),
      ),
    )
    const rows = await selectionCurve(scored, heldOut.equivalent ?? ((a, b) => a === b))
    progress(2, 3, `majority ${rows.at(-1)!.majority.toFixed(2)}  best ${rows.at(-1)!.best.toFixed(2)}`)

    const budget = rows.at(-1)!.tokens
    const found = await treeSearch(
      heldOut.questions.map((question) => reader.prompt(question)),
      {
        policy: engine,
        value: value.model,
        stepTokens: STEP_ENDS.map((end) => tokenizer.encode(end)).flatMap((ids) =>
          ids.length === 1 ? [ids[0]!] : [],
        ),
        stopTokens: reader.stopTokens,
        budget,
        ...search,
        sampling: { temperature, topP },
        maxTokens,
        seed,
        signal,
      },
    )
    if (signal?.aborted) return undefined
    const answers = await Promise.all(
      found.map(async ({ tokens, finished }, i) => {
        const text = tokenizer.decode(
          finished && tokens.at(-1) === reader.stopTokens[0] ? tokens.subarray(0, -1) : tokens,
        )
        return Number((await heldOut.verify(heldOut.questions[i]!, text)).correct)
      }),
    )
    // Whoever scores a response has read it too.
    const half = rows.at(-2) ?? rows.at(-1)!
    const searchTokens = mean(found.map((of) => of.sampledTokens + of.readTokens))
    const figures = {
      n: groups.length,
      samples,
      tokens: budget,
      majority: rows.at(-1)!.majority,
      best: half.best,
      bestTokens: 2 * half.tokens,
      majorityForBest: majorityAt(rows, 2 * half.tokens),
      search: mean(answers),
      searchTokens,
      searchFinished: mean(found.map(({ finished }) => Number(finished))),
      majorityForSearch: majorityAt(rows, searchTokens),
      any: rows.at(-1)!.any,
    }
    progress(3, 3, `search ${figures.search.toFixed(2)}`)
    await run.writeEvaluation('selection', { ...figures, rows: rows.map((row) => ({ ...row })) })
    return figures
  } finally {
    model.engine.close()
    judge.model.close()
    value.model.close()
  }
}

export async function processRewardStage(
  settings: StageSettings,
  { model, grpo }: { model: string; grpo: GrpoConfig },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const judge = await openScalarModel(join(context.input('process-rm'), 'model'))
  try {
    const rewards = [processReward({ ...reading(judge.tokenizer), model: judge.model })]
    const options = { model, grpo, languageConsistency: 0, rewards, unverified: true }
    return await reinforcementStage(settings, options, context)
  } finally {
    judge.model.close()
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
