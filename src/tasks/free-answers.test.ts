import { describe, expect, it } from 'vitest'
import { JudgeError } from '../errors.ts'
import { openJudge } from '../responders/judge.ts'
import { byKind, readQuestion } from './file-kinds.ts'

const question = readQuestion({
  place: 'f.jsonl:1',
  value: { question: 'Why is the sky blue?', answer: 'Short waves scatter more.', kind: 'free' },
})

function verdictOn(response: string, reply: string) {
  const prompts: string[] = []
  const judge = openJudge({
    responder: {
      name: 'the judge',
      async respond(requests, onResponse) {
        for (const { prompt, ...request } of requests) {
          prompts.push(prompt)
          onResponse({ ...request, text: reply, tokens: 1, stopReason: 'stop' })
        }
      },
    },
    concurrency: 1,
    seed: 1,
  })
  return { verdict: (async () => byKind(judge).verify(question, response))(), prompts }
}

describe('a free answer', () => {
  it('a row says that it is one, or a setting does; no field tells it', () => {
    expect(question.kind).toBe('free')
    const value = { question: 'Q', answer: 'A' }
    expect(readQuestion({ place: 'f:1', value }).kind).toBe('math')
    expect(readQuestion({ place: 'f:1', value }, { kind: 'free' }).kind).toBe('free')
  })

  it.each([
    ['{"analysis": "The same.", "correctness": "correct"}', true],
    ['```json\n{"analysis": "Not it.", "correctness": "incorrect"}\n```', false],
    ['{"correctness": "incorrect"} No: {"correctness": "correct"}', true],
  ])('%s', async (reply, correct) => {
    const { verdict, prompts } = verdictOn('<think>dust?</think>Blue light is scattered most.', reply)
    expect(await verdict).toMatchObject({ correct, extracted: 'Blue light is scattered most.' })
    expect(prompts[0]).toContain('<reference>\nShort waves scatter more.\n</reference>')
    expect(prompts[0]).not.toContain('dust')
  })

  it('thinking that never ended is wrong, which needs no judge', async () => {
    const { verdict, prompts } = verdictOn('<think>blue', '')
    expect(await verdict).toMatchObject({ correct: false, extracted: null })
    expect(prompts).toEqual([])
  })

  it('a reply without a verdict is none, and neither is a missing judge', async () => {
    await expect(verdictOn('Blue.', 'It is correct.').verdict).rejects.toThrow(JudgeError)
    await expect((async () => byKind().verify(question, 'Blue.'))()).rejects.toThrow(
      /no rule can compare free answers\. .*judge\.endpoint/,
    )
  })
})
