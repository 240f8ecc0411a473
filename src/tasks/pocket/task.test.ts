import { describe, expect, it } from 'vitest'
import { pocketHeldOut, pocketTask } from './task.ts'

const FAMILIES = ['countdown', 'arithmetic', 'equation'] as const
const tidy = (answer: string) => ` <think> so </think> <answer> ${answer} </answer>`

describe.each(FAMILIES)('pocket %s', (family) => {
  const task = pocketTask(family)
  const { questions, verify } = pocketHeldOut(family)

  it('accepts each reference answer and refuses a mangled one', async () => {
    for (const question of [...questions, ...Array.from({ length: 200 }, (_, i) => task.question(1, i))]) {
      const { answer } = question
      const mangled = [`${answer} + 1`, `1${answer}`, answer.slice(0, -1), '', 'x']
      expect((await verify(question, tidy(answer))).correct, question.id).toBe(true)
      for (const wrong of mangled)
        expect((await verify(question, tidy(wrong))).correct, `${question.id}: ${wrong}`).toBe(false)
    }
  })

  it('refuses right answers without answer tags, and looks at the last tags', async () => {
    const question = task.question(1, 0)
    const { answer } = question
    for (const response of [
      '',
      answer,
      `<think> </think> ${answer}`,
      `<answer> ${answer}`,
      `${answer} </answer>`,
    ])
      expect((await verify(question, response)).correct, response).toBe(false)
    expect((await verify(question, tidy('0') + tidy(answer))).correct).toBe(true)
    expect((await verify(question, tidy(answer) + tidy('0'))).correct).toBe(false)
  })

  it('asks the same question for the same seed and index, in two languages', () => {
    expect(task.question(3, 5)).toEqual(task.question(3, 5))
    const many = Array.from({ length: 1000 }, (_, i) => task.question(3, i))
    const english = many.filter(({ language }) => language === 'en')
    expect(english.length / many.length).toBeCloseTo(0.7, 1)
    for (const { language, prompt } of many)
      expect(/\p{Script=Han}/u.test(prompt), prompt).toBe(language === 'zh')
  })
})
