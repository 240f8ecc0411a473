/** The paper's benchmarks whose data do not ship: two rows of the form of each, written here. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { JudgeError } from '../../errors.ts'
import { type Judge, openJudge } from '../../responders/judge.ts'
import type { ModelResponse, Responder, ResponseRequest } from '../../responders/responder.ts'
import type { Question } from '../../tasks/task.ts'
import type { Verdict } from '../../verifiers/verifier.ts'
import { type Benchmark, needsJudge } from '../benchmark.ts'
import { findBenchmark } from '../benchmark-index.ts'
import type { GradedSample } from '../protocol.ts'
import { loadQuestionSet, runEvaluation } from '../run-evaluation.ts'
import { exactMatch, f1Score } from './drop-score.ts'
import { lengthControlledRate } from './length-controlled.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-other-benchmarks-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const write = (rows: readonly object[]) => {
  const path = join(folder, `${files++}.jsonl`)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return path
}

async function load(name: string, rows: readonly object[]): Promise<[Benchmark, Question, Question]> {
  const { benchmark } = findBenchmark(name)
  const { questions } = await loadQuestionSet(benchmark, write(rows), { seed: 0 })
  expect(questions).toHaveLength(2)
  return [benchmark, questions[0]!, questions[1]!]
}

/** A model that answers a prompt with `reply`; undefined is a request that failed. */
const scripted = (
  name: string,
  reply: (prompt: string) => string | undefined,
): Responder & { asked: number } => ({
  name,
  asked: 0,
  async respond(requests: readonly ResponseRequest[], onResponse: (response: ModelResponse) => void) {
    for (const { questionId, sample, prompt } of requests) {
      this.asked++
      const text = reply(prompt)
      const response = { questionId, sample, text: text ?? '', tokens: 1, stopReason: 'stop' as const }
      onResponse(text === undefined ? { ...response, error: 'no such model' } : response)
    }
  },
})

const judge = (reply: (prompt: string) => string | undefined): Judge =>
  openJudge({ responder: scripted('judge', reply), concurrency: 4, seed: 0 })

const graded = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict, i) => ({ id: String(i), samples: [{ ...verdict, sample: 0 } as GradedSample] }))
const context = { questions: [], seed: 0, readData: () => null }

describe('judged by rules', () => {
  it('MMLU-Redux: JSON, without the rows that were found faulty', async () => {
    const choices = ['w', 'x', 'y', 'z']
    const [benchmark, one, two] = await load('mmlu-redux', [
      { question: 'P?', choices, answer: 1, error_type: 'ok' },
      { question: 'wrong', choices, answer: 1, error_type: 'wrong_groundtruth' },
      { question: 'Q?', choices, answer: 3 },
    ])
    expect([one.answer, two.answer]).toEqual(['B', 'D'])
    expect(benchmark.prompt!(one)).toMatch(/B\) x[\s\S]*\{"reasoning": "…", "answer": "…"\}$/)
    const right = '<think>"answer": "A"</think>{"reasoning": "not \\"answer\\": C,\nbut B", "answer": "B"}'
    expect(await benchmark.verify(one, right)).toMatchObject({ correct: true })
    expect(await benchmark.verify(one, '{"answer": "C"}')).toMatchObject({ correct: false, extracted: 'C' })
    expect(await benchmark.verify(one, 'B')).toMatchObject({ correct: false, extracted: null })
  })

  it('C-Eval', async () => {
    const row = { question: '天空是什么颜色？', A: '红', B: '蓝', C: '绿', D: '黑', answer: 'B' }
    const [benchmark, one, two] = await load('c-eval', [{ id: 7, subject: '物理', ...row }, row])
    expect([one.id, two.id]).toEqual(['物理/7', '1'])
    expect(benchmark.prompt!(one)).toMatch(/中国物理考试[\s\S]*天空是什么颜色？\nA\. 红\nB\. 蓝/)
    expect(await benchmark.verify(one, '天空是蓝的。\n答案：B')).toMatchObject({ correct: true })
    expect(await benchmark.verify(one, '答案：C')).toMatchObject({ correct: false })
  })

  it('CLUEWSC', async () => {
    const text = '小明把书给了小红，因为她要看。'
    const target = (span1_text: string) => ({ span1_text, span2_text: '她' })
    const [benchmark, one, two] = await load('cluewsc', [
      { text, target: target('小红'), label: 'true', idx: 3 },
      { text, target: target('小明'), label: 'false', idx: 4 },
    ])
    expect([one.id, one.answer, two.answer]).toEqual(['3', 'A', 'B'])
    expect(benchmark.prompt!(one)).toContain('“她”指的是“小红”吗？\nA. 是\nB. 否')
    expect(await benchmark.verify(two, '不是。\n答案：B')).toMatchObject({ correct: true })
  })

  it('CNMO 2024', async () => {
    const [benchmark, one] = await load('cnmo-2024', [
      { problem: '求 1+1。', answer: '2' },
      { problem: '求 2+2。', answer: '4' },
    ])
    expect(benchmark.settings.samples).toBe(64)
    expect(await benchmark.verify(one, '\\boxed{2}')).toMatchObject({ correct: true })
  })

  it('DROP: three examples, both forms of rows, the best F1 of the references', async () => {
    const [benchmark, one, two] = await load('drop', [
      { context: 'Passage: p\nQuestion: who?', ref_text: 'the Green Bay Packers|Packers' },
      {
        passage: 'p',
        question: 'how many?',
        answers_spans: { spans: ['12'], types: ['number'] },
        query_id: 'q',
      },
    ])
    expect(two).toMatchObject({ id: 'q', prompt: 'Passage: p\nQuestion: how many?' })
    expect(benchmark.prompt!(one).match(/^Answer: /gm)).toHaveLength(3)
    const verdicts = [
      await benchmark.verify(one, 'So.\n**Answer: Green Bay Packers**'),
      await benchmark.verify(one, 'Answer: Bay'),
      await benchmark.verify(two, '<think>Answer: 12</think>Answer: 13 yards'),
    ]
    expect(verdicts.map(({ correct }) => correct)).toEqual([true, false, false])
    expect(verdicts.map(({ details }) => details!.f1)).toEqual([1, 0.5, 0])
    const extra = await benchmark.extraFigures!(graded(verdicts), context)
    expect(benchmark.paper![0]!.figure({ figures: {} as never, extra })).toBe(50)
  })

  it.each([
    ['The cat', 'cat', 1],
    ['12.0', '12', 1],
    ['$1,200', '1200', 1],
    ['blue-green', 'green blue', 1],
    ['13 cats', '12 cats', 0],
    ['cats', '12 cats', 0],
    ['big cat', 'small cat', 0.5],
    ['', 'cat', 0],
  ])('DROP: %j beside %j scores %d', (answer, reference, f1) => {
    expect(f1Score(answer, reference)).toBeCloseTo(f1)
    expect(exactMatch(answer, reference)).toBe(f1 === 1)
  })
})

describe('Aider-Polyglot', () => {
  const block = (path: string, search: string, replace: string) =>
    `${path}\n\`\`\`python\n<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n\`\`\`\n`
  const content = 'def f():\n    pass\n'
  const row = (exercise: string) => ({
    exercise,
    instructions: 'Return 1.',
    files: [{ path: 'f.py', content }],
  })

  it.each([
    ['an edit', block('f.py', '    pass\n', '    return 1\n'), 'def f():\n    return 1\n'],
    ['a marked path', block('**`f.py`**', '    pass\n', '    return 1\n'), 'def f():\n    return 1\n'],
    ['CRLF', block('f.py', '    pass\n', '').replaceAll('\n', '\r\n'), 'def f():\n'],
    [
      'two edits',
      block('f.py', '    pass\n', '    x\n') + block('f.py', '    x\n', '    y\n'),
      'def f():\n    y\n',
    ],
    ['an addition', block('f.py', '', 'x = 1\n'), `${content}x = 1\n`],
  ])('%s is applied', async (_, response, edited) => {
    const [benchmark, one] = await load('aider-polyglot', [row('python/one'), row('python/two')])
    expect(benchmark.prompt!(one)).toContain('f.py\n```\ndef f():')
    const verdict = await benchmark.verify(one, `<think>hm</think>I change it.\n\n${response}`)
    expect(verdict).toMatchObject({ correct: false, extracted: 'f.py' })
    expect(benchmark.predictions!(graded([verdict]), 'm')).toEqual([
      { exercise: '0', model: 'm', files: [{ path: 'f.py', content: edited }] },
    ])
  })

  it.each([
    ['none', 'I would change it.', 'no edits found'],
    ['another file', block('g.py', 'x\n', ''), 'an edit of g.py, which is not given'],
    ['another text', block('f.py', 'x\n', ''), 'an edit of f.py searches what is not there'],
  ])('%s is no edit', async (_, response, reason) => {
    const [benchmark, one] = await load('aider-polyglot', [row('python/one'), row('python/two')])
    expect(await benchmark.verify(one, response)).toMatchObject({ extracted: null, reason })
  })
})

describe('judged by a model', () => {
  const facts = [
    { problem: 'Which river?', answer: 'the Elbe' },
    { problem: 'Which year?', answer: '1871' },
  ]

  it.each([
    ['simpleqa', facts],
    ['c-simpleqa', facts.map(({ problem, answer }, i) => ({ id: `c${i}`, question: problem, answer }))],
    [
      'frames',
      facts.map(({ problem, answer }) => ({
        Prompt: problem,
        Answer: answer,
        articles: [{ title: 'Elbe', text: 'A river.' }],
      })),
    ],
  ])('%s: right, wrong or not attempted, by the summary alone', async (name, rows) => {
    const [benchmark, one] = await load(name, rows)
    const prompts: string[] = []
    const verify = benchmark.judged!(
      judge((prompt) => {
        prompts.push(prompt)
        const answer = /<answer>\n([\s\S]*)\n<\/answer>/.exec(prompt)![1]!
        return answer.includes('Elbe')
          ? '<think>B?</think>A'
          : answer === '?'
            ? 'C: not attempted'
            : 'It is B.'
      }),
    )
    const verdicts = [
      await verify(one, '<think>The Rhine?</think>The Elbe.'),
      await verify(one, 'The Rhine.'),
      await verify(one, '?'),
    ]
    expect(verdicts.map(({ correct, extracted }) => [correct, extracted])).toEqual([
      [true, 'The Elbe.'],
      [false, 'The Rhine.'],
      [false, null],
    ])
    expect(prompts[0]).toContain(
      '<question>\nWhich river?\n</question>\n\n<reference>\nthe Elbe\n</reference>',
    )
    expect(prompts[0]).not.toContain('Rhine')
    if (benchmark.extraFigures !== undefined)
      expect(await benchmark.extraFigures(graded(verdicts), context)).toEqual({
        shares: { incorrect: 1 / 3, notAttempted: 1 / 3, correctOfAttempted: 1 / 2 },
      })
  })

  it('what says no grade, and what never came, are no verdicts', async () => {
    const [benchmark, one] = await load('simpleqa', facts)
    for (const reply of ['A or B', 'A hedge, hence wrong', 'maybe', '', undefined])
      await expect(benchmark.judged!(judge(() => reply))(one, 'The Elbe.')).rejects.toThrow(JudgeError)
    expect(() => benchmark.verify(one, 'The Elbe.')).toThrow(
      /--judge-endpoint: a model judges this benchmark/,
    )
  })

  it('AlpacaEval: the order is drawn, the rate is at equal lengths', async () => {
    const [benchmark, ...questions] = await load('alpaca-eval', [
      { instruction: 'Greet me.', output: 'Hello, bad' },
      { instruction: 'Part from me.', output: 'Bye, bad' },
    ])
    const verify = benchmark.judged!(judge((prompt) => (/<answer of m>\n.*good/.test(prompt) ? 'm' : 'M')))
    const verdicts = [await verify(questions[0]!, 'good'), await verify(questions[1]!, 'bad')]
    expect(verdicts.map(({ correct }) => correct)).toEqual([true, expect.any(Boolean)])
    expect(verdicts[0]!.details).toEqual({ won: true, longer: 4 - 10 })
    await expect(benchmark.judged!(judge(() => 'm or M'))(questions[0]!, 'good')).rejects.toThrow(JudgeError)
  })

  it('a win rate that length alone brings is a half at equal lengths', () => {
    const pairs = (numbers: [longer: number, wins: number, all: number][]) =>
      numbers.flatMap(([longer, wins, all]) =>
        Array.from({ length: all }, (_, i) => ({ won: i < wins, longer })),
      )
    expect(
      lengthControlledRate(
        pairs([
          [100, 90, 100],
          [-100, 10, 100],
        ]),
      ),
    ).toBeCloseTo(0.5, 3)
    expect(
      lengthControlledRate(
        pairs([
          [100, 9, 10],
          [100, 81, 90],
          [-100, 1, 10],
        ]),
      ),
    ).toBeCloseTo(0.5, 1)
    expect(lengthControlledRate(pairs([[0, 30, 40]]))).toBeCloseTo(0.75, 3)
    expect(lengthControlledRate(pairs([[5, 10, 10]]))).toBeGreaterThan(0.99)
    expect(lengthControlledRate([])).toBeNull()
  })

  it('Arena-Hard: both orders, a clear preference counts three times', async () => {
    const [benchmark, one] = await load('arena-hard', [
      { question_id: 'a', turns: [{ content: 'Write a poem.' }], baseline: 'bad' },
      { question_id: 'b', prompt: 'Write another.', baseline: 'bad' },
    ])
    expect(one).toMatchObject({ id: 'a', prompt: 'Write a poem.' })
    const verify = benchmark.judged!(
      judge((prompt) => (/<answer of A>\ngood/.test(prompt) ? '[[A>>B]]' : '[[A>B]]')),
    )
    const verdict = await verify(one, 'good')
    expect(verdict).toMatchObject({ correct: true, details: { verdicts: [2, -1] } })
    expect(await benchmark.extraFigures!(graded([verdict]), context)).toEqual({ shares: { winRate: 0.75 } })
    await expect(benchmark.judged!(judge(() => 'none'))(one, 'good')).rejects.toThrow(JudgeError)
  })

  it("a judge's failure is counted, and the same command asks for it alone", async () => {
    const run = (reply: (prompt: string) => string | undefined) => {
      const model = scripted('model', () => 'The Elbe.')
      const responder = scripted('grader', reply)
      const done = runEvaluation({
        benchmark: findBenchmark('simpleqa').benchmark,
        dataFile: path,
        limit: null,
        responder: model,
        settings: { samples: 1, temperature: 0.6, topP: 0.95, maxTokens: 10 },
        seed: 0,
        folder: join(folder, 'out'),
        compare: ['DeepSeek-R1', 'DeepSeek-R1-Zero'],
        judge: { responder, concurrency: 1 },
      })
      return done.then(({ result }) => ({ result, model: model.asked, judge: responder.asked }))
    }
    const path = write(facts)
    const first = await run((prompt) => (prompt.includes('river') ? 'A' : undefined))
    expect(first).toMatchObject({ model: 2, judge: 2, result: { n: 1, failed: 1, pass1: 1 } })
    expect(first.result.firstFailure).toMatch(/the judge gave no reply \(no such model\)/)
    expect(first.result.extra.notes).toEqual(['Judged by grader.'])
    const second = await run(() => 'B')
    expect(second).toMatchObject({ model: 0, judge: 1, result: { n: 2, failed: 0, pass1: 0.5 } })
  })

  it("a file's free answers are judged, its other rows by their rules", async () => {
    const rows = [
      { question: 'Which river?', answer: 'the Elbe', kind: 'free' },
      { question: '1 + 1?', answer: '2' },
    ]
    const { benchmark, dataFile } = findBenchmark(write(rows))
    const prompts: string[] = []
    const responder = scripted('grader', (prompt) => {
      prompts.push(prompt)
      return '{"analysis": "…", "correctness": "correct"}'
    })
    const run = (judge?: { responder: Responder; concurrency: number }) =>
      runEvaluation({
        benchmark,
        dataFile: dataFile!,
        limit: null,
        responder: scripted('model', (prompt) => (prompt === 'Which river?' ? 'The Elbe.' : '\\boxed{2}')),
        settings: { samples: 1, temperature: 0.6, topP: 0.95, maxTokens: 10 },
        seed: 0,
        folder: join(folder, 'free'),
        compare: [],
        judge,
      })
    await expect(run()).rejects.toThrow(/no rule can compare free answers.*--judge-endpoint/)
    const { result } = await run({ responder, concurrency: 1 })
    expect(result).toMatchObject({ n: 2, failed: 0, pass1: 1 })
    expect(prompts).toHaveLength(1)
  })

  it('without a judge nothing is asked', async () => {
    expect(needsJudge.verify).toThrow(/--judge-model/)
    const model = scripted('model', () => '')
    const { benchmark } = findBenchmark('simpleqa')
    const run = runEvaluation({
      benchmark,
      dataFile: write(facts),
      limit: null,
      responder: model,
      settings: benchmark.settings,
      seed: 0,
      folder,
      compare: [],
    })
    await expect(run).rejects.toThrow(/--judge-endpoint/)
    expect(model.asked).toBe(0)
  })
})
