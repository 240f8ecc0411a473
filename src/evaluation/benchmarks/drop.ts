/**
 * DROP (arXiv 1903.00161): questions that need counting and comparing in a passage, with three examples before them; the paper gives F1
 * (R1 §3.1). The form is that of simple-evals (R1 v2 SJ), the three examples are ours. The user supplies the file.
 */
import { z } from 'zod'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'
import { exactMatch, f1Score } from './drop-score.ts'

/** simple-evals' own rows, or the data set's. */
const rowSchema = z.union([
  z.object({ context: z.string(), ref_text: z.string() }).transform(({ context, ref_text }) => ({
    id: undefined,
    text: context,
    references: ref_text.split('|'),
  })),
  z
    .object({
      query_id: z.string().optional(),
      passage: z.string(),
      question: z.string(),
      answers_spans: z.object({ spans: z.array(z.string()).min(1) }),
    })
    .transform(({ query_id: id, passage, question, answers_spans: { spans } }) => ({
      id,
      text: asked(passage, question),
      references: [spans.join(' ')],
    })),
])

const asked = (passage: string, question: string): string => `Passage: ${passage}\nQuestion: ${question}`

const EXAMPLES = [
  [
    'The ferry made nine crossings on Monday and four on Tuesday, when fog closed the harbour until noon. On Wednesday it carried 310 people, its most of that week.',
    'How many more crossings did the ferry make on Monday than on Tuesday?',
    'It made 9 crossings on Monday and 4 on Tuesday, and 9 - 4 = 5.\nAnswer: 5',
  ],
  [
    'Orla planted beans in April and leeks in June. Her brother Finn, who had the plot beside hers, planted only onions, in May.',
    'Who planted something between the two plantings of Orla?',
    'Orla planted in April and in June. May is between them, and that is when Finn planted.\nAnswer: Finn',
  ],
  [
    'The old bridge was 84 metres long and stood for 61 years. The new one, built of steel, is 97 metres long and opened in 1988.',
    'Which bridge was longer?',
    'The old one had 84 metres and the new one has 97.\nAnswer: the new one',
  ],
] as const

const SHOTS = EXAMPLES.map(
  ([passage, question, answer]) => `---\n${asked(passage, question)}\n${answer}`,
).join('\n\n')

export const drop: Benchmark = {
  name: 'drop',
  title: 'DROP (3-shot)',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'rows of {context, ref_text} as in simple-evals, or {passage, question, answers_spans}',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ id, text, references }, i) => ({
      id: id ?? String(i),
      prompt: text.trim(),
      answer: references[0]!,
      data: { references: references.filter((reference) => reference.trim() !== '') },
    }))
  },
  prompt: ({ prompt }) =>
    `Read a passage and answer a question about it. Here are some examples.\n\n${SHOTS}\n\nThis is your task.\n---\n${prompt}\n\nThink step by step, then end with a line of the form "Answer: $ANSWER".`,
  equivalent: null,
  verify({ data }, response) {
    const references = data!.references as string[]
    const { answer } = splitReasoning(response)
    const line = [...answer.matchAll(/^\W*answer\W*:\s*(.*)$/gim)].at(-1)?.[1]?.replaceAll('*', '')
    const extracted = (line ?? answer).trim()
    const f1 = Math.max(...references.map((reference) => f1Score(extracted, reference)))
    const correct = references.some((reference) => exactMatch(extracted, reference))
    return {
      correct,
      extracted: extracted === '' ? null : extracted,
      reason: correct ? 'the same words' : `F1 ${f1.toFixed(2)}`,
      details: { f1 },
    }
  },
  async extraFigures(graded) {
    const scores = graded.flatMap(({ samples }) => samples.map(({ details }) => details!.f1 as number))
    const f1 = scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length
    return { shares: { f1 } }
  },
  paper: [
    {
      row: 'DROP (F1)',
      figure: ({ extra }) => (extra.shares?.f1 == null ? null : extra.shares.f1 * 100),
    },
  ],
}
