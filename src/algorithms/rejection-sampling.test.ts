import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTokenizer } from '../../test/letter-world.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import { JudgeError } from '../errors.ts'
import type { Rollout } from '../rollout/rollout.ts'
import type { Task } from '../tasks/task.ts'
import type { AnswerForm } from '../text/reasoning.ts'
import {
  countByDomain,
  readabilityFilters,
  rejectionSampling,
  type SelectedResponses,
} from './rejection-sampling.ts'

const tokenizer = letterTokenizer('ab.q')
/** Right is what holds an a. */
const task: Task = {
  name: 'letters',
  verify: (_, response) => ({ correct: response.includes('a'), extracted: null, reason: '' }),
}
const asked = Array.from({ length: 6 }, (_, i) => ({ task, question: letterQuestion('q', i) }))

async function sample(options: object = {}, questions = asked) {
  const selections: SelectedResponses[] = []
  const sampling = rejectionSampling(questions, {
    policy: createTabularEngine({ vocabularySize: 4 }),
    tokenizer,
    renderPrompt: ({ prompt }) => prompt,
    sampling: { maxTokens: 4, temperature: 1 },
    samples: 8,
    keep: 2,
    filters: [{ name: 'truncated', rejects: ({ stopReason }) => stopReason !== 'stop' }],
    batch: 4,
    seed: 'seed',
    ...options,
  })
  for await (const batch of sampling) selections.push(...batch)
  return selections
}

describe('rejectionSampling', () => {
  it('keeps right, unfiltered, distinct responses, at most `keep` of a question', async () => {
    const selections = await sample()
    expect(selections.length).toBe(6)
    expect(selections.flatMap(({ accepted }) => accepted).length).toBeGreaterThan(4)
    for (const { accepted } of selections) {
      const texts = accepted.map(({ text }) => text)
      expect(texts.length).toBeLessThanOrEqual(2)
      expect(new Set(texts).size).toBe(texts.length)
      for (const { text, numTokens } of accepted) {
        expect(text).toContain('a')
        // The stop token is the one that is not in the text: nothing that was cut off is here.
        expect(numTokens).toBe(text.length + 1)
      }
    }
  })

  it('counts every response once', async () => {
    const selections = await sample()
    const { questions, sampled, refused, surplus, accepted } = countByDomain(selections).letters!
    expect([questions, sampled]).toEqual([6, 48])
    expect(Object.keys(refused).sort()).toEqual(['truncated', 'wrong'])
    expect(refused.wrong! + refused.truncated! + surplus + accepted).toBe(48)
    expect(accepted).toBe(selections.flatMap((selection) => selection.accepted).length)
  })

  it('asks again where fewer stay than are kept, and only there', async () => {
    const [once, thrice] = [await sample({ samples: 3 }), await sample({ samples: 3, rounds: 3 })]
    const drawn = ({ accepted, refused, surplus }: SelectedResponses) =>
      accepted.length + surplus + Object.values(refused).reduce((sum, n) => sum + n, 0)
    expect(once.map(drawn)).toEqual(Array(6).fill(3))
    expect(new Set(once.map(({ accepted }) => accepted.length)).size).toBeGreaterThan(1)
    for (const [i, { accepted }] of once.entries()) {
      const again = thrice[i]!
      if (accepted.length === 2) expect(again).toEqual(once[i])
      else expect(drawn(again)).toBeGreaterThan(3)
      expect(again.accepted.slice(0, accepted.length)).toEqual(accepted)
      if (drawn(again) < 9) expect(again.accepted.length).toBe(2)
    }
  })

  it('a response without a verdict is no example, and counted apart', async () => {
    const judged: Task = {
      name: 'letters',
      verify(question, response) {
        if (response.includes('b')) throw new JudgeError('no reply.')
        return task.verify(question, response)
      },
    }
    const selections = await sample(
      {},
      asked.map(({ question }) => ({ task: judged, question })),
    )
    const { sampled, refused, surplus, accepted } = countByDomain(selections).letters!
    expect(refused.unjudged).toBeGreaterThan(0)
    expect(Object.values(refused).reduce((sum, n) => sum + n) + surplus + accepted).toBe(sampled)
    for (const { text } of selections.flatMap((selection) => selection.accepted))
      expect(text).not.toContain('b')
  })

  it('keeps the first ones drawn, or those of the longest thinking', async () => {
    const lengths = async (prefer: 'first' | 'longest') =>
      (await sample({ prefer, keep: 1 })).map(({ accepted }) => accepted[0]?.numTokens ?? 0)
    const all = (await sample({ keep: 99 })).map(({ accepted }) => accepted.map(({ numTokens }) => numTokens))
    expect(await lengths('first')).toEqual(all.map((tokens) => tokens[0] ?? 0))
    expect(await lengths('longest')).toEqual(all.map((tokens) => Math.max(0, ...tokens)))
    expect(await lengths('longest')).not.toEqual(await lengths('first'))
  })

  it('is the same for the same seed, continues from a batch, and ends where it is stopped', async () => {
    const whole = await sample()
    expect(await sample()).toEqual(whole)
    expect(await sample({ seed: 'another' })).not.toEqual(whole)
    expect(await sample({ from: 4 })).toEqual(whole.slice(4))
    expect(await sample({ signal: AbortSignal.abort() })).toEqual([])
  })
})

describe('readabilityFilters', () => {
  const refusal = (text: string, language = 'en', more: Partial<Rollout> = {}, form: AnswerForm = 'think') =>
    readabilityFilters(form).find(({ rejects }) =>
      rejects({
        text,
        stopReason: 'stop',
        question: { ...letterQuestion('q'), language },
        ...more,
      } as Rollout),
    )?.name
  const loop = 'so we try it once more and fail '.repeat(20)
  const words = Array.from({ length: 500 }, (_, i) => `w${i}`).join(' ')
  // Four hundred words of Chinese that no space tells apart, and none of them twice in a row.
  const chinese = Array.from(
    { length: 450 },
    (_, i) => '水光人山火田土木石车马鱼鸟花草云雨风雪月'[(i * 7 + (i >> 3)) % 20],
  ).join('，')

  it.each([
    [undefined, '<think> first add the numbers then check </think> 7', 'en'],
    [undefined, '<think> 3 + 4 = 7 </think> 7', 'en'],
    [undefined, '<think> 先把数字加起来 </think> 7', 'zh'],
    ['form', '<think> first add </think> <answer> 7 </answer>', 'en'],
    ['form', '7', 'en'],
    ['mixed languages', '<think> first 所以 add </think> 7', 'en'],
    ['mixed languages', '<think> first add </think> The answer is 七', 'en'],
    ['another language', '<think> 先把数字加起来 </think> 7', 'en'],
    ['another language', '<think> 3 + 4 </think> 答案是 7', 'en'],
    ['another language', '<think> first add </think> 7', 'zh'],
    ['long paragraphs', `<think> ${words} </think> 7`, 'en'],
    ['long paragraphs', `<think> first </think> ${words}`, 'en'],
    ['long paragraphs', `<think> ${chinese} </think> 7`, 'zh'],
    [undefined, `<think> ${words.replaceAll('0 ', '0\n\n')} </think> 7`, 'en'],
    ['code blocks', '<think> run ```print(7)``` here </think> 7', 'en'],
    [undefined, '<think> a loop prints it </think> ```print(7)```', 'en'],
    ['repetition', `<think> ${loop} </think> 7`, 'en'],
  ])('%s: %s', (name, text, language) => expect(refusal(text, language)).toBe(name))

  it('refuses what was cut off', () =>
    expect(refusal('<think> first', 'en', { stopReason: 'length' })).toBe('truncated'))

  it("wants R1-Zero's form of a model that its template asks", () => {
    const tagged = '<think> first add </think> <answer> 7 </answer>'
    expect([refusal(tagged, 'en', {}, 'tags'), refusal('<think> a b </think> 7', 'en', {}, 'tags')]).toEqual([
      undefined,
      'form',
    ])
  })
})
