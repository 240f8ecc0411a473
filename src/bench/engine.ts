/**
 * The embedded engine against this machine's ceiling, all in one run: a 1024³ matrix product in the same runtime, a
 * training step, decoding, and the parts of a GRPO step, on the device of the process. Each figure is the best of several rounds, the rounds of
 * ceiling and training step taken in turn, so that a noisy machine is unkind to both alike.
 */

import { type GrpoStep, grpo } from '../algorithms/grpo.ts'
import { input, matmul } from '../graph/operations.ts'
import { openRuntime } from '../loading/device.ts'
import { openModel } from '../loading/local-model.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import { randomStream } from '../random.ts'
import { presets, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { accuracyReward } from '../rewards/accuracy.ts'
import { formatReward } from '../rewards/format.ts'
import { loadTask } from '../tasks/load-task.ts'
import { REFERENCE, ROW_LENGTH, ROWS, referenceEngine, trainingFlops } from './reference-model.ts'
import { best, timed } from './timing.ts'

export interface EngineFigures {
  ceilingGflops: number
  train: { gflops: number; shareOfCeiling: number; tokensPerSecond: number }
  decode: { tokensPerSecond: number; batch: number; context: number }
  grpoStep: { sampleShare: number; scoreShare: number; trainShare: number; seconds: number }
}

const SIZE = 1024
const ADAMW = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientClipNorm: 1,
}

export async function benchEngine(rounds: number, note: (text: string) => void): Promise<EngineFigures> {
  note('matrix product and training step …')
  const { ceilingGflops, trainSeconds } = await ceilingAndTraining(rounds)
  note('decoding …')
  const decode = await decoding(Math.max(2, Math.ceil(rounds / 4)))
  note('a GRPO step on the pocket base model …')
  const step = await grpoStep()
  const { sampleSeconds, scoreSeconds, trainSeconds: updateSeconds } = step
  const seconds = sampleSeconds + scoreSeconds + updateSeconds
  const gflops = trainingFlops(REFERENCE, ROWS, ROW_LENGTH) / trainSeconds / 1e9
  return {
    ceilingGflops,
    train: {
      gflops,
      shareOfCeiling: gflops / ceilingGflops,
      tokensPerSecond: (ROWS * ROW_LENGTH) / trainSeconds,
    },
    decode,
    grpoStep: {
      sampleShare: sampleSeconds / seconds,
      scoreShare: scoreSeconds / seconds,
      trainShare: updateSeconds / seconds,
      seconds,
    },
  }
}

async function ceilingAndTraining(rounds: number): Promise<{ ceilingGflops: number; trainSeconds: number }> {
  const runtime = (await openRuntime())({ lean: false })
  const square = await runtime.compile({
    outputs: { product: matmul(input('a', [SIZE, SIZE]), input('b', [SIZE, SIZE])) },
  })
  const stream = randomStream(1, 'bench')
  const operand = () => Float32Array.from({ length: SIZE * SIZE }, stream.normal)
  const feeds = { a: operand(), b: operand() }
  const engine = referenceEngine(await openRuntime())
  const batch = Array.from({ length: ROWS }, () => ({
    tokens: Int32Array.from({ length: ROW_LENGTH + 1 }, () =>
      stream.integer(0, REFERENCE.vocabularySize - 1),
    ),
    weights: new Float32Array(ROW_LENGTH).fill(1 / (ROWS * ROW_LENGTH)),
  }))
  let product = Number.POSITIVE_INFINITY
  let training = Number.POSITIVE_INFINITY
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < 8; i++) product = Math.min(product, await timed(() => square.run({ feeds })))
    const step = await timed(async () => {
      await engine.forwardBackward(batch, crossEntropy)
      await engine.optimStep(ADAMW)
    })
    // The first round compiles.
    if (round > 0) training = Math.min(training, step)
  }
  engine.close()
  runtime.close()
  return { ceilingGflops: (2 * SIZE ** 3) / product / 1e9, trainSeconds: training }
}

/** 64 sequences from half of the context to all of it, through the whole sampler. */
async function decoding(rounds: number): Promise<EngineFigures['decode']> {
  const [batch, context] = [64, REFERENCE.maxPositions]
  const engine = referenceEngine(await openRuntime())
  const stream = randomStream(1, 'bench-prompts')
  const prompts = Array.from({ length: batch }, () =>
    Int32Array.from({ length: context / 2 }, () => stream.integer(0, REFERENCE.vocabularySize - 1)),
  )
  const maxTokens = context / 2
  const options = { maxTokens, temperature: 1, stopTokens: [] }
  const requests = prompts.map((prompt, seed) => ({ prompt, samples: 1, seed, options }))
  const seconds = await best(rounds, () => timed(() => engine.sample(requests)))
  engine.close()
  return { tokensPerSecond: (batch * maxTokens) / seconds, batch, context }
}

/** The third step of the preset on-policy; the first one compiles. */
async function grpoStep(): Promise<GrpoStep['timing']> {
  const config = r1ZeroConfig.parse(presets['on-policy'])
  const model = await openModel(config.model, {
    microBatchTokens: config.microBatchTokens,
    minRowLength: 256,
  })
  const { question } = await loadTask(config.task, config.seed, 1)
  const steps: GrpoStep[] = []
  await grpo({
    engine: model.engine,
    tokenizer: model.tokenizer,
    renderPrompt: ({ prompt }) => model.renderPrompt(prompt),
    rewards: [accuracyReward(), formatReward()],
    config: { ...config.grpo, steps: 3 },
    seed: 1,
    question,
    onStep: (step) => void steps.push(step),
  })
  model.engine.close()
  return steps.at(-1)!.timing
}
