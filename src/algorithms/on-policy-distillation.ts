/**
 * On-policy distillation (GKD, arXiv 2306.13649; Thinking Machines, 2025): the student answers, the teacher scores each
 * token of it, and the student moves along the reverse KL of its own text,
 *
 *     A_t = log π_teacher(o_t) − log π_student(o_t),
 *
 * as the advantage of that token. Nothing is verified and no discount reaches back to earlier tokens. The paper
 * distils by supervised fine-tuning alone (R1 §2.4); both models need the same tokenizer.
 */
import type { Datum, Engine, Policy } from '../engine/engine.ts'
import { joined } from '../engine/sequences.ts'
import { policyGradient } from '../objectives/policy-gradient.ts'
import { scheduleFactor } from '../objectives/schedule.ts'
import type { Rollout } from '../rollout/rollout.ts'
import { type GroupSampler, sampleGroups } from '../rollout/sample-groups.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import type { OnPolicyDistillationConfig } from './on-policy-distillation-config.ts'

export interface OnPolicyDistillationStep {
  step: number
  /** Mean of log π_student − log π_teacher over the sampled tokens, nats: an estimate of KL(student ‖ teacher). */
  reverseKl: number
  meanTokens: number
  learningRate: number
  gradientNorm: number
}

export interface OnPolicyDistillationOptions extends Omit<GroupSampler, 'policy' | 'sampling' | 'rewards'> {
  student: Engine
  teacher: Policy
  config: OnPolicyDistillationConfig
  seed: number
  question: (index: number) => AskedQuestion
  /** The teacher's prompt, where its template is another than the student's. */
  renderTeacherPrompt?: GroupSampler['renderPrompt']
  fromStep?: number
  onStep: (step: OnPolicyDistillationStep) => void | Promise<void>
  /** The signal cut a step's sampling short: the place to save the `step` updates before it. */
  onStop?: (step: number) => void | Promise<void>
}

/** −A · log π: each response is used once, fresh from the student, so the ratio is 1. */
const objective = policyGradient({ surrogate: 'unclipped', ratio: 'none', klWeight: 0 })

export async function onPolicyDistillation(options: OnPolicyDistillationOptions): Promise<void> {
  const { student, config, seed, question, signal, onStep } = options
  const { steps, questionsPerStep, groupSize, maxTokens, temperature, topP } = config
  const sampler = { ...options, policy: student, rewards: [], sampling: { maxTokens, temperature, topP } }
  for (let step = options.fromStep ?? 0; step < steps && signal?.aborted !== true; step++) {
    const asked = Array.from({ length: questionsPerStep }, (_, i) => question(step * questionsPerStep + i))
    const groups = await sampleGroups(sampler, asked, groupSize, `${seed}/distillation/${step}`)
    if (signal?.aborted) return await options.onStop?.(step)
    const rollouts = groups.flatMap((group) => group.rollouts)
    const { batch, reverseKl, tokens } = await scored(options, rollouts)
    await student.forwardBackward(batch, objective)
    const learningRate = config.learningRate * scheduleFactor(config, step, steps)
    const { gradientNorm } = await student.optimStep({ ...config, learningRate })
    await onStep({
      step: step + 1,
      reverseKl,
      meanTokens: tokens / rollouts.length,
      learningRate,
      gradientNorm,
    })
  }
}

async function scored(
  { teacher, tokenizer, renderPrompt, renderTeacherPrompt = renderPrompt }: OnPolicyDistillationOptions,
  rollouts: readonly Rollout[],
): Promise<{ batch: Datum[]; reverseKl: number; tokens: number }> {
  const prompts = rollouts.map(({ question }) => tokenizer.encode(renderTeacherPrompt(question)))
  const taught = await teacher.logprobs(
    rollouts.map(({ tokens }, i) => joined(prompts[i]!, tokens)),
    prompts.map(({ length }) => length),
  )
  const numTokens = rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0)
  let reverseKl = 0
  const batch = rollouts.map(({ prompt, tokens, logprobs }, i): Datum => {
    const sequence = joined(prompt, tokens)
    const start = prompt.length - 1
    const advantages = new Float32Array(sequence.length - 1)
    const byTeacher = taught[i]!.subarray(prompts[i]!.length - 1)
    for (const [t, logprob] of logprobs.entries()) {
      advantages[start + t] = byTeacher[t]! - logprob
      reverseKl += logprob - byTeacher[t]!
    }
    const weights = new Float32Array(sequence.length - 1).fill(1 / numTokens, start)
    return { tokens: sequence, weights, inputs: { advantages } }
  })
  return { batch, reverseKl: reverseKl / numTokens, tokens: numTokens }
}
