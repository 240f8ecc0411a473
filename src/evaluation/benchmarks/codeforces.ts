/**
 * Codeforces problems with stdin and stdout tests; k = 16 (R1 §3). The shipped file holds the sample tests only and no
 * ratings, so it gives pass@1 on the samples. A file whose rows also have `rating` gives a rating and its percentile;
 * hidden tests make it honest. Problems that accept several outputs need their checker and are judged too hard here.
 */
import { z } from 'zod'
import { programs } from '../../tasks/programs.ts'
import type { CodeTests } from '../../verifiers/code/code-tests.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'
import { likeliestRating, percentile } from '../codeforces-rating.ts'

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]),
  problem: z.string(),
  tests: z.array(z.object({ input: z.string(), output: z.string() })).min(1),
  rating: z.number().optional(),
})

const RATINGS_FILE = 'codeforces-ratings-2024.jsonl'
const ratingSchema = z.object({ rating: z.number(), users: z.number() })

export const codeforces: Benchmark = {
  name: 'codeforces',
  title: 'Codeforces',
  settings: paperSettings(16),
  data: {
    file: 'codeforces-stdio.jsonl',
    from: 'agentica-project/rllm, rllm/data/test/code',
    description: 'rows of {id, problem, tests: [{input, output}]} and, for a rating, rating',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ id, problem, tests, rating }) => ({
      id: String(id),
      prompt: problem.trim(),
      answer: '',
      data: { tests: { kind: 'stdio', tests } satisfies CodeTests, rating: rating ?? null },
    }))
  },
  ...programs,
  async extraFigures(graded, { questions, readData }) {
    const ratingOf = new Map(questions.map(({ id, data }) => [id, data?.rating as number | null]))
    const rated = graded.flatMap(({ id, samples }) => {
      const rating = ratingOf.get(id)
      const solved = samples.filter(({ correct }) => correct).length
      return rating == null ? [] : [{ rating, tries: samples.length, solved }]
    })
    const rating = likeliestRating(rated)
    if (rating === null)
      return {
        notes: ['No Codeforces rating: the rows of this file have no `rating`. Supply some with --data.'],
      }
    const users = readData(RATINGS_FILE)
    const share = users === null ? null : percentile(rating, await readAs(users, ratingSchema))
    return { numbers: { rating, ratedProblems: rated.length }, shares: { percentile: share } }
  },
  paper: [
    { row: 'Codeforces rating', figure: ({ extra }) => extra.numbers?.rating ?? null },
    { row: 'Codeforces percentile', figure: ({ extra }) => percent(extra.shares?.percentile ?? null) },
  ],
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100
}
