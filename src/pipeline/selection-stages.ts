/**
 * Ways to spend more tokens on a held-out question, as stages of a pipeline (R1 §4.2): the majority of several
 * responses, the best of them by a process reward model, tree search with a value model.
 */

import type { JsonObject } from '../disk/jsonl.ts'
import { equivalentAnswers } from '../evaluation/evaluate.ts'
import { grade } from '../evaluation/grade.ts'
import type { GradedSample } from '../evaluation/protocol.ts'
import { majorityAt, type SelectionRow, selectionCurve } from '../evaluation/selection.ts'
import { treeSearch } from '../evaluation/tree-search.ts'
import { type LocalModel, openModel } from '../loading/local-model.ts'
import { mean } from '../measures/statistics.ts'
import { processReward } from '../rewards/process.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import { responseText, sampleGroups } from '../rollout/sample-groups.ts'
import { startClock } from '../run/clock.ts'
import { readFinished } from '../run/folder.ts'
import type { QuestionSet } from '../tasks/task.ts'
import type { StageContext } from './pipeline.ts'
import type { StageSettings } from './stage-settings.ts'
import { openStepModel } from './step-model-stages.ts'

/** `evaluations/<way>.json`. */
interface SelectionFigures {
  /** Questions. */
  n: number
  /** Share of them answered right. */
  pass1: number
  /** Drawn for a question, in all. */
  meanTokens: number
}

/** The majority of the same responses, and the best one by the stage `process-rm`. */
export async function bestOfStage(
  settings: StageSettings,
  { model: path }: { model: string },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, seed, signal, progress } = context
  const { samples, questions, temperature, topP, maxTokens } = settings.evaluation
  const seconds = startClock(undefined)
  const judge = await openStepModel('process-rm', settings, context)
  const { engine: policy, tokenizer, renderPrompt, answerForm } = await openModel(path)
  try {
    const { heldOut } = await settings.world.reasoning(0, questions)
    const sampled = await sampleGroups(
      {
        policy,
        tokenizer,
        renderPrompt: ({ prompt }) => renderPrompt(prompt),
        rewards: [processReward({ ...judge.reader, model: judge.model })],
        sampling: { temperature, topP, maxTokens },
        signal,
      },
      heldOut.questions.map((question) => ({ question, task: heldOut })),
      samples,
      `${seed}/selection`,
    )
    if (signal?.aborted) return undefined
    const graded = await Promise.all(sampled.map((group) => gradedGroup(heldOut, group, answerForm)))
    const groups = graded.map(({ group }) => group)
    const scored = graded.map(({ samples, group: { rollouts } }) =>
      samples.map((sample, i) => ({ ...sample, score: rollouts[i]!.rewards.process! })),
    )
    const rows = await selectionCurve(
      scored,
      (i) => equivalentAnswers(heldOut, groups[i]!.question) ?? Object.is,
    )
    const all = rows.at(-1)!
    // A model that reads as many tokens as were drawn leaves half of them to draw.
    const half = rows.at(-2) ?? all
    const right = mean(scored.flat().map(({ correct }) => Number(correct)))
    const figures: Record<string, SelectionFigures> = {
      one: { n: groups.length, pass1: right, meanTokens: all.tokens / samples },
      majority: { n: groups.length, pass1: all.majority, meanTokens: all.tokens },
      best: { n: groups.length, pass1: all.best, meanTokens: all.tokens },
      'best-of-half': { n: groups.length, pass1: half.best, meanTokens: half.tokens },
    }
    for (const [name, result] of Object.entries(figures)) await run.writeEvaluation(name, { ...result })
    await run.writeResponses('one', rolloutRows(groups))
    progress(1, 1, `majority ${all.majority.toFixed(2)}  best ${all.best.toFixed(2)}`)
    return { rows: rows.map((row) => ({ ...row })), seconds: seconds() }
  } finally {
    policy.close()
    judge.model.close()
  }
}

export interface Search {
  simulations: number
  width: number
  exploration: number
}

/** Tree search with the stage `value-model`, beside the majority of as many tokens as it drew. */
export async function treeSearchStage(
  settings: StageSettings,
  { model: path, search }: { model: string; search: Search },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, seed, signal, progress } = context
  const { questions, temperature, topP, maxTokens } = settings.evaluation
  const seconds = startClock(undefined)
  const value = await openStepModel('value-model', settings, context)
  const { engine: policy, tokenizer, renderPrompt, answerForm } = await openModel(path)
  try {
    const { heldOut } = await settings.world.reasoning(0, questions)
    const { prompt, stepTokens, stopTokens } = value.reader
    const found = await treeSearch(heldOut.questions.map(prompt), {
      ...search,
      policy,
      value: value.model,
      stepTokens,
      stopTokens,
      sampling: { temperature, topP },
      maxTokens,
      seed,
      signal,
      onRound: (ended) => progress(ended, heldOut.questions.length),
    })
    if (signal?.aborted) return undefined
    const groups = await Promise.all(
      found.map(async (response, i) => {
        const question = heldOut.questions[i]!
        const text = responseText(tokenizer, renderPrompt(question.prompt), response)
        const rollout = { ...response, question, prompt: prompt(question), text, rewards: {}, reward: 0 }
        return (await gradedGroup(heldOut, { question, rollouts: [rollout] }, answerForm)).group
      }),
    )
    const right = mean(groups.map(({ rollouts }) => rollouts[0]!.reward))
    const tokens = mean(found.map(({ sampledTokens }) => sampledTokens))
    const rows = readFinished(context.input('best-of-n'))!.rows as SelectionRow[]
    const majority = majorityAt(rows, tokens)
    const figures: Record<string, SelectionFigures> = {
      search: { n: found.length, pass1: right, meanTokens: tokens },
      majority: { n: found.length, pass1: majority, meanTokens: tokens },
    }
    for (const [name, result] of Object.entries(figures)) await run.writeEvaluation(name, { ...result })
    await run.writeResponses('search', rolloutRows(groups))
    const all = groups.length
    progress(all, all, `search ${right.toFixed(2)}  majority ${majority.toFixed(2)}`)
    return { seconds: seconds() }
  } finally {
    policy.close()
    value.model.close()
  }
}

/** A group as any measurement grades it; the verdict becomes the reward `accuracy`, and the only one that counts. */
async function gradedGroup(
  set: QuestionSet,
  { question, rollouts }: Group,
  form: LocalModel['answerForm'],
): Promise<{ group: Group; samples: GradedSample[] }> {
  const samples = await Promise.all(
    rollouts.map(({ text, tokens, stopReason }, sample) =>
      grade(
        set,
        question,
        {
          questionId: question.id,
          sample,
          text,
          tokens: tokens.length,
          stopReason: stopReason === 'stop' ? 'stop' : 'length',
        },
        form,
      ),
    ),
  )
  const rewarded = rollouts.map((rollout, i): Rollout => {
    const accuracy = Number(samples[i]!.correct)
    return { ...rollout, rewards: { accuracy, ...rollout.rewards }, reward: accuracy }
  })
  return { group: { question, rollouts: rewarded }, samples }
}
