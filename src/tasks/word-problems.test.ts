import { describe, expect, it } from 'vitest'
import { WORD_PROBLEMS, type WordProblems } from './word-problems.ts'

const { 'word-problems': wordProblems, 'one-step-problems': oneStep } = WORD_PROBLEMS as Record<
  'word-problems' | 'one-step-problems',
  WordProblems
>

describe('word problems', () => {
  const training = Array.from({ length: 2_000 }, (_, i) => wordProblems.question(1, i))
  const { questions: heldOut } = wordProblems.heldOut(300)

  it('are of one step where asked for, and none of those is held out among the others', () => {
    const single = Array.from({ length: 2_000 }, (_, i) => oneStep.question(1, i))
    const sentences = ({ prompt }: { prompt: string }) => prompt.split(/(?<=[.?]) /).length
    expect(Math.max(...single.map(sentences))).toBe(3)
    expect(Math.max(...training.map(sentences))).toBe(4)
    const ids = new Set(heldOut.map(({ id }) => id))
    expect(single.filter(({ id }) => ids.has(id))).toEqual([])
  })

  it('none of the held-out ones is asked in training, of whomever it tells', () => {
    expect(new Set(heldOut.map(({ id }) => id)).size).toBe(300)
    // What the text says, read again: numbers and operations in order, those of a first sum or product in any.
    const told = ({ prompt }: { prompt: string }) => {
      const words = prompt
        .match(/\d+|more|gives|of them to|loses|in each|twice|times|half|third|quarter/g)!
        .join(' ')
      const product = /^(\d+) (\d+) in each/.exec(words)
      return product ? words.replace(product[0], [product[1], product[2]].sort().join(' x ')) : words
    }
    const held = new Set(heldOut.map(told))
    expect(held.size).toBeGreaterThan(100)
    for (const asked of [...training, ...Array.from({ length: 2_000 }, (_, i) => oneStep.question(7, i))])
      expect(held.has(told(asked)), asked.prompt).toBe(false)
    const quantities = new Set(heldOut.map(({ data }) => data!.quantities))
    expect(training.filter(({ data }) => quantities.has(data!.quantities))).toEqual([])
  })

  it('the same quantities of other people and things are the same', () => {
    const byQuantities = new Map<unknown, Set<string>>()
    for (const { data, answer } of training) {
      const seen = byQuantities.get(data!.quantities) ?? new Set()
      byQuantities.set(data!.quantities, seen.add(answer))
    }
    for (const [quantities, seen] of byQuantities) expect(seen.size, String(quantities)).toBe(1)
    expect(byQuantities.size).toBeLessThan(training.length)
  })

  it('are different from seed to seed and the same for one', () => {
    expect(wordProblems.question(1, 7)).toEqual(training[7])
    expect(wordProblems.question(2, 7)).not.toEqual(training[7])
    expect(new Set(training.map(({ id }) => id)).size).toBeGreaterThan(1_950)
  })

  it('have positive whole answers, which are accepted, and others not', async () => {
    for (const question of [...training.slice(0, 100), ...heldOut.slice(0, 100)]) {
      expect(question.answer).toMatch(/^[1-9]\d*$/)
      const verdict = async (answer: number) =>
        (await wordProblems.verify(question, `So the answer is $\\boxed{${answer}}$.`)).correct
      expect(await verdict(Number(question.answer))).toBe(true)
      expect(await verdict(Number(question.answer) + 1)).toBe(false)
    }
  })

  it('say what the answer follows from', () => {
    // The smallest independent reading: numbers and the words of each sentence, worked out in order.
    for (const { id, answer } of training.slice(0, 500)) {
      let count = 0
      for (const sentence of id.slice('word-problems/'.length).split(/(?<=\.) /)) {
        const [a = 0, b = 0] = (sentence.match(/\d+/g) ?? []).map(Number)
        if (/ with .* in each/.test(sentence)) count = a * b
        else if (/twice/.test(sentence)) count *= 2
        else if (/times as many/.test(sentence)) count *= a
        else if (/ (half|a third|a quarter) /.test(sentence))
          count /= / half /.test(sentence) ? 2 : / third /.test(sentence) ? 3 : 4
        else if (/ more/.test(sentence)) count += a
        else if (/ to |loses/.test(sentence)) count -= a
        else if (/ has \d+/.test(sentence)) count = a
      }
      expect(`${count}`).toBe(answer)
    }
  })
})
