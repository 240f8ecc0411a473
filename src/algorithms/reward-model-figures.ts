/**
 * How good a reward model is on examples that it never saw: is the better response the one it prefers, is it as sure as
 * it is right, and would a look at the length alone have done.
 */
import type { ScalarModel } from '../engine/scalar-model.ts'
import {
  isPair,
  judgedSequences,
  type RewardExamples,
  type StepExamples,
  scorePlaces,
} from './reward-model.ts'

export interface ReliabilityBin {
  /** Examples of which the model was so sure, 0.5 to 1 in steps of 0.05. */
  from: number
  to: number
  n: number
  /** Means over them; 0 where there are none. */
  confidence: number
  accuracy: number
}

export interface RewardModelFigures {
  /** Pairs or labels. */
  n: number
  /** Share of pairs whose chosen response has the higher score, or of labels whose value is on the right side of 0. */
  accuracy: number
  /** Expected calibration error (arXiv 1706.04599): mean gap between how sure and how right, over the bins. */
  calibrationError: number
  reliability: ReliabilityBin[]
  /** Of all scores. */
  meanScore: number
  scoreDeviation: number
}

const NUM_BINS = 10

export async function measureRewardModel(
  model: Pick<ScalarModel, 'values'>,
  examples: RewardExamples | StepExamples,
): Promise<RewardModelFigures> {
  const sequences = examples.map(judgedSequences)
  const scored = await scorePlaces(model, sequences.flat())
  const scores = scored.flat()
  let next = 0
  /** Above 0 where the model is right; σ of its size is how sure it is. */
  const margins = sequences.flatMap((judged) => {
    const values = judged.map(() => scored[next++]!)
    if (judged.length === 2) return [values[0]![0]! - values[1]![0]!]
    return values[0]!.map((value, i) => (judged[0]!.labels[i] === 1 ? value : -value))
  })
  const judged = margins.map((margin) => ({
    confidence: 1 / (1 + Math.exp(-Math.abs(margin))),
    right: Number(margin > 0),
  }))
  const reliability = Array.from({ length: NUM_BINS }, (_, bin): ReliabilityBin => {
    const inBin = judged.filter(({ confidence }) => binOf(confidence) === bin)
    return {
      from: 0.5 + (0.5 * bin) / NUM_BINS,
      to: 0.5 + (0.5 * (bin + 1)) / NUM_BINS,
      n: inBin.length,
      confidence: mean(inBin.map(({ confidence }) => confidence)),
      accuracy: mean(inBin.map(({ right }) => right)),
    }
  })
  const meanScore = mean(scores)
  return {
    n: judged.length,
    accuracy: mean(judged.map(({ right }) => right)),
    calibrationError: reliability.reduce(
      (sum, { n, confidence, accuracy }) => sum + (n / judged.length) * Math.abs(confidence - accuracy),
      0,
    ),
    reliability,
    meanScore,
    scoreDeviation: Math.sqrt(mean(scores.map((score) => (score - meanScore) ** 2))),
  }
}

/**
 * The share of held-out examples that the better of two rules gets right, as the training examples choose it: longer is
 * better, or shorter is; of labelled responses, than the length that parts them best.
 */
export function lengthBaseline(training: RewardExamples, heldOut: RewardExamples): number {
  const threshold = isPair(training[0]!) ? 0 : bestThreshold(training)
  const longerIsBetter = (examples: RewardExamples) => mean(lengthsOf(examples, threshold).map(agreement))
  const share = longerIsBetter(heldOut)
  return longerIsBetter(training) >= 0.5 ? share : 1 - share
}

/** How much longer the better response is: than the rejected one, or than the threshold. */
function lengthsOf(examples: RewardExamples, threshold: number): number[] {
  return examples.map((example) =>
    isPair(example)
      ? example.chosen.length - example.rejected.length
      : (example.response.length - threshold) * (example.label === 1 ? 1 : -1),
  )
}

/** A tie is a coin's toss. */
const agreement = (difference: number) => (difference === 0 ? 0.5 : Number(difference > 0))

function bestThreshold(training: RewardExamples): number {
  const lengths = new Set(training.flatMap((example) => (isPair(example) ? [] : [example.response.length])))
  const quality = (threshold: number) => Math.abs(mean(lengthsOf(training, threshold).map(agreement)) - 0.5)
  return [...lengths].map((n) => n + 0.5).reduce((best, n) => (quality(n) > quality(best) ? n : best))
}

const binOf = (confidence: number) => Math.min(NUM_BINS - 1, Math.floor((confidence - 0.5) * 2 * NUM_BINS))

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
