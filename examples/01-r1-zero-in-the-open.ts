/**
 * R1-Zero in the open: GRPO (DeepSeek-R1, arXiv 2501.12948 §2.2) as one loop that hides nothing but the model.
 *
 *     npx tsx examples/01-r1-zero-in-the-open.ts
 *     STEPS=50 QUESTIONS=16 npx tsx examples/01-r1-zero-in-the-open.ts
 *
 * `r1 train r1-zero` is this loop with what a long run needs: held-out measurements, checkpoints and resume, several
 * updates a rollout, a reference that is renewed, and every published variant as a setting (docs/grpo-options.md).
 */
import { fileURLToPath } from 'node:url'
import { type Datum, openModel, pocketTask, policyGradient, type Question } from 'r1-ts'

const setting = (name: string, usual: number) => Number(process.env[name] ?? usual)
const steps = setting('STEPS', 20)
const numQuestions = setting('QUESTIONS', 8)
/** G of the paper. */
const groupSize = setting('GROUP', 16)
const maxTokens = setting('MAX_TOKENS', 256)
const modelFolder = process.env.MODEL ?? fileURLToPath(new URL('../models/pocket-base', import.meta.url))

const { engine, tokenizer, renderPrompt } = await openModel(modelFolder)
const task = pocketTask('countdown')
const endOfText = tokenizer.idOf(tokenizer.eosToken!)!
/** π_ref of the KL term: the base model, frozen. */
const reference = await engine.snapshot()
/** What is maximised: min(ρA, clip(ρ)A) − β KL. Here ρ is 1 throughout, for a rollout makes only one update. */
const objective = policyGradient({ klWeight: 0.01, klEstimator: 'k3' })

/** The paper's rule reward: 1 for a right answer, and 1 for thinking and answer in their tags. */
async function rewardOf(question: Question, text: string): Promise<number> {
  const { correct } = await task.verify(question, text)
  const wellFormed = /^\s*<think>.*\S.*<\/think>\s*<answer>.*\S.*<\/answer>\s*$/s.test(text)
  return Number(correct) + Number(wellFormed)
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

for (let step = 0; step < steps; step++) {
  // 1. Ask new questions, and sample G responses to each.
  const questions = Array.from({ length: numQuestions }, (_, q) => task.question(1, step * numQuestions + q))
  const prompts = questions.map(({ prompt }) => tokenizer.encode(renderPrompt(prompt)))
  const sampled = await engine.sample(
    prompts.map((prompt, q) => ({
      prompt,
      samples: groupSize,
      seed: step * numQuestions + q,
      options: { maxTokens, temperature: 1, stopTokens: [endOfText] },
    })),
  )

  // 2. Reward each response.
  const rewards = await Promise.all(
    sampled.map((group, q) =>
      Promise.all(
        group.map(({ tokens }) =>
          rewardOf(questions[q]!, tokenizer.decode(tokens, { skipSpecialTokens: true })),
        ),
      ),
    ),
  )

  // 3. Advantages: how much better than the other responses to the same question.
  const advantages = rewards.map((group) => {
    const average = mean(group)
    const variance = group.reduce((sum, reward) => sum + (reward - average) ** 2, 0) / (groupSize - 1)
    return group.map((reward) => (reward - average) / (Math.sqrt(variance) + 1e-6))
  })

  // 4. Training data: prompt and response; every token of a response weighs 1/(n·|o|), a prompt's tokens nothing.
  const responses = sampled.flatMap((group, q) =>
    group.map((response, i) => ({ ...response, prompt: prompts[q]!, advantage: advantages[q]![i]! })),
  )
  const sequences = responses.map(({ prompt, tokens }) => Int32Array.from([...prompt, ...tokens]))
  const referenceLogprobs = await reference.logprobs(sequences)
  const batch = responses.map(({ prompt, tokens, logprobs, advantage }, i): Datum => {
    // Entry t of these arrays is about predicting token t + 1, so the response begins one before the prompt's end.
    const perToken = (value: (t: number) => number) => {
      const values = new Float32Array(prompt.length + tokens.length - 1)
      for (let t = 0; t < tokens.length; t++) values[prompt.length - 1 + t] = value(t)
      return values
    }
    return {
      tokens: sequences[i]!,
      weights: perToken(() => 1 / (responses.length * tokens.length)),
      inputs: {
        advantages: perToken(() => advantage),
        oldLogprobs: perToken((t) => logprobs[t]!),
        referenceLogprobs: referenceLogprobs[i]!,
      },
    }
  })

  // 5. The gradient of the objective, and one step of AdamW along it.
  const { statistics, entropy } = await engine.forwardBackward(batch, objective)
  const { gradientNorm } = await engine.optimStep({
    learningRate: 2e-4,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0,
    gradientClipNorm: 1,
  })

  const figures = {
    reward: mean(rewards.flat()),
    tokens: mean(responses.map(({ tokens }) => tokens.length)),
    kl: statistics.kl!,
    entropy,
    gradient: gradientNorm,
  }
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(3)}`)
  console.log(`step ${step + 1}/${steps}  ${shown.join('  ')}`)
}

reference.close()
engine.close()
