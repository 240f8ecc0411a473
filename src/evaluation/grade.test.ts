import { describe, expect, it } from 'vitest'
import { pocketHeldOut } from '../tasks/pocket/task.ts'
import type { AnswerForm } from '../text/reasoning.ts'
import { grade } from './grade.ts'

const set = pocketHeldOut('arithmetic', 1)
const [question] = set.questions
const graded = (text: string, form?: AnswerForm) =>
  grade(set, question!, { questionId: question!.id, sample: 0, text, tokens: 7, stopReason: 'stop' }, form)
const { answer } = question!

describe('grade', () => {
  it.each([
    ['R1-Zero’s form', 'tags', `<think> a </think> <answer> ${answer} </answer>`, true, true],
    ['R1’s form', 'think', `<think> a </think> The answer is ${answer}.`, true, true],
    ['R1’s form with empty thinking', 'think', `<think></think> The answer is ${answer}.`, true, false],
    ['a bare answer', 'think', `<think> a </think> ${answer}`, false, true],
    ['tags where none are asked for', 'think', `<think> a </think> <answer>${answer}</answer>`, true, false],
    ['none where tags are asked for', 'tags', `<think> a </think> The answer is ${answer}.`, true, false],
  ] as const)('%s', async (_, form, text, correct, wellFormed) => {
    expect(await graded(text, form)).toMatchObject({ correct, wellFormed })
  })

  it('counts thinking only where there is some', async () => {
    const response = {
      questionId: '',
      sample: 0,
      tokens: 7,
      thinkingTokens: 0,
      stopReason: 'length' as const,
    }
    const judged = (text: string) => grade(set, question!, { ...response, text })
    expect(await judged('5')).toMatchObject({ thinkingTokens: null, truncated: true })
    expect(await judged('<think></think>5')).toMatchObject({ thinkingTokens: 0 })
  })
})
