/** How well a policy answers a set of questions, by the report's protocol: what recipes show before and after. */
import type { Policy } from '../engine/engine.ts'
import { isStrictFormat, isThinkFormat } from '../rewards/format.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { sampleGroups } from '../rollout/sample-groups.ts'
import type { QuestionSet } from '../tasks/task.ts'
import { isMixed } from '../text/language.ts'
import { splitReasoning } from '../text/reasoning.ts'
import { countReflectionWords } from '../text/reflection.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { type GradedQuestion, protocolFigures } from './protocol.ts'
import type { SamplingSettings } from './responder.ts'

export interface HeldOutOptions {
  policy: Policy
  tokenizer: Tokenizer
  renderPrompt: (message: string) => string
  answerForm: 'tags' | 'think'
  set: QuestionSet
  samples: number
  sampling: SamplingSettings
  seed: number
  signal?: AbortSignal | undefined
}

/** The fields of `r1 eval --json`. */
export interface HeldOutFigures {
  benchmark: string
  n: number
  samples: number
  pass1: number
  passK: number
  consK: number | null
  meanTokens: number
  formatShare: number
  truncatedShare: number
  reflectionWords: number
  mixedLanguageShare: number
}

/** The groups' reward is the verdict. */
export async function evaluateHeldOut(
  options: HeldOutOptions,
): Promise<{ figures: HeldOutFigures; groups: Group[] }> {
  const { set, samples, seed, renderPrompt } = options
  const groups = await sampleGroups(
    { ...options, renderPrompt: ({ prompt }) => renderPrompt(prompt), rewards: [] },
    set.questions.map((question) => ({ question, task: set })),
    samples,
    `${seed}/held-out`,
  )
  const graded: GradedQuestion[] = []
  let mixed = 0
  for (const { question, rollouts } of groups) {
    const of: GradedQuestion = { id: question.id, samples: [] }
    for (const [sample, rollout] of rollouts.entries()) {
      const verdict = await set.verify(question, rollout.text)
      rollout.rewards = { accuracy: Number(verdict.correct) }
      rollout.reward = Number(verdict.correct)
      const { thinking } = splitReasoning(rollout.text)
      mixed += Number(isMixed(thinking ?? rollout.text))
      of.samples.push({
        sample,
        ...verdict,
        tokens: rollout.tokens.length,
        thinkingTokens: null,
        truncated: rollout.stopReason === 'length',
        wellFormed: hasForm(options, rollout),
        reflectionWords: countReflectionWords(thinking ?? rollout.text),
      })
    }
    graded.push(of)
  }
  const equivalent = set.equivalent ?? ((a: string, b: string) => a === b)
  const figures = await protocolFigures(graded, { samples, seed, equivalent: () => equivalent })
  return {
    groups,
    figures: {
      benchmark: set.name,
      n: figures.n,
      samples,
      pass1: figures.pass1,
      passK: figures.passK,
      consK: figures.consK,
      meanTokens: figures.meanTokens,
      formatShare: figures.formatShare,
      truncatedShare: figures.truncatedShare,
      reflectionWords: figures.meanReflectionWords,
      mixedLanguageShare: mixed / (set.questions.length * samples),
    },
  }
}

const hasForm = ({ answerForm }: HeldOutOptions, { text }: Rollout) =>
  answerForm === 'tags' ? isStrictFormat(text) : isThinkFormat(text)
