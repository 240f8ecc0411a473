/** About how long the stages of a pocket pipeline take on two cores: the plan that is printed before it starts. */
import type { GrpoConfig } from '../algorithms/grpo-config.ts'
import type { PretrainConfig } from '../algorithms/pretrain.ts'
import type { SftConfig } from '../algorithms/sft-config.ts'
import type { StageEvaluation } from './stage-figures.ts'

/** Tokens a second of the pocket base model on two cores of a Xeon (`npx r1 bench`), contexts of some 200 tokens. */
const SAMPLED = 8000
const SCORED = 25_000
const TRAINED = 8000
/** Mean response of a model that reasons, and prompt before it. */
const RESPONSE = 130
const PROMPT = 40

export function stageSeconds({ evaluation }: { evaluation: StageEvaluation }) {
  const { questions, requests, samples } = evaluation
  const measuring = ((questions + requests / 2) * samples * RESPONSE) / SAMPLED
  return {
    reinforcement({
      steps,
      questionsPerStep,
      groupSize,
    }: Pick<GrpoConfig, 'steps' | 'questionsPerStep' | 'groupSize'>): number {
      const tokens = questionsPerStep * groupSize * RESPONSE
      return steps * (tokens / SAMPLED + tokens / SCORED + tokens / TRAINED) + measuring
    },
    pretraining: ({ steps, batchTokens }: PretrainConfig): number => (steps * batchTokens) / (2 * TRAINED),
    sampling: ({ questions: asked, samples: each }: { questions: number; samples: number }): number =>
      (asked * each * RESPONSE) / SAMPLED,
    fineTuning(
      { epochs }: SftConfig,
      data: { questions: number; keep: number; demonstrations: number },
    ): number {
      const examples = data.questions * data.keep + data.demonstrations
      return (epochs * examples * (PROMPT + RESPONSE)) / TRAINED + measuring
    },
    rewardModel({ pairs, labels }: { pairs: number; labels: number }, kind: 'helpful' | 'safety'): number {
      return ((kind === 'helpful' ? 2 * pairs : labels) * (PROMPT + RESPONSE)) / TRAINED
    },
  }
}
