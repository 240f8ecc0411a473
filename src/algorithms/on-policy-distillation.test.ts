import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTask, letterTokenizer } from '../../test/letter-world.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import { grpoConfig } from './grpo-config.ts'
import {
  type OnPolicyDistillationOptions,
  type OnPolicyDistillationStep,
  onPolicyDistillation,
} from './on-policy-distillation.ts'

const tokenizer = letterTokenizer('ab.q')
const V = 4
const LOGITS = [
  [0, 2, 1, -3],
  [1, -1, 2, -3],
  [0, 0, 0, 0],
  [2, 0, -1, -3],
]
const teacher = () => createTabularEngine({ vocabularySize: V, logits: LOGITS.flat() })

async function distill(given: object = {}, options: Partial<OnPolicyDistillationOptions> = {}) {
  const steps: OnPolicyDistillationStep[] = []
  const student = createTabularEngine({ vocabularySize: V })
  await onPolicyDistillation({
    student,
    teacher: teacher(),
    tokenizer,
    renderPrompt: ({ prompt }) => prompt,
    config: grpoConfig.parse({
      steps: 120,
      questionsPerStep: 4,
      groupSize: 16,
      maxTokens: 6,
      learningRate: 0.1,
      decay: 'cosine',
      finalShare: 0.02,
      ...given,
    }),
    seed: 1,
    question: (index) => ({ task: letterTask, question: letterQuestion('q', index) }),
    ...options,
    onStep: (step) => {
      steps.push(step)
    },
  })
  return { student, steps }
}

describe('onPolicyDistillation', () => {
  it("makes the student's distributions the teacher's wherever its own text leads", async () => {
    const { student, steps } = await distill()
    expect(steps[0]!.reverseKl).toBeGreaterThan(0.5)
    expect(steps.at(-1)!.reverseKl).toBeLessThan(0.02)
    const taught = teacher()
    for (const from of ['q', 'a', 'b'].map((letter) => tokenizer.idOf(letter)!))
      taught.probabilities(from).forEach((p, to) => {
        expect(Math.abs(student.probabilities(from)[to]! - p)).toBeLessThan(0.06)
      })
  })

  it('changes nothing where student and teacher agree', async () => {
    const student = teacher()
    const { steps } = await distill({ steps: 3 }, { student })
    for (const { reverseKl, gradientNorm } of steps) {
      expect(Math.abs(reverseKl)).toBeLessThan(1e-6)
      expect(gradientNorm).toBeLessThan(1e-6)
    }
  })

  it("scores the student's words after the teacher's own prompt", async () => {
    const seen: string[] = []
    const watched = teacher()
    await distill(
      { steps: 1 },
      {
        renderTeacherPrompt: ({ prompt }) => `ab${prompt}`,
        teacher: {
          ...watched,
          logprobs: (sequences) => {
            seen.push(...sequences.map((sequence) => tokenizer.decode(sequence)))
            return watched.logprobs(sequences)
          },
        },
      },
    )
    expect(seen.length).toBe(64)
    for (const text of seen) expect(text).toMatch(/^abq/)
  })

  it('says where it stopped when the signal cuts a step short', async () => {
    const stopped: number[] = []
    const student = teacher()
    const sampled = student.sample
    let calls = 0
    const aborting = new AbortController()
    student.sample = (requests) => {
      if (++calls === 3) aborting.abort()
      return sampled(requests)
    }
    await distill(
      { steps: 5 },
      { student, signal: aborting.signal, onStop: (step) => void stopped.push(step) },
    )
    expect(stopped).toEqual([2])
  })

  it('is the same for the same seed', async () => {
    const [one, two] = await Promise.all([distill({ steps: 5 }), distill({ steps: 5 })])
    expect(one.steps).toEqual(two.steps)
  })
})
