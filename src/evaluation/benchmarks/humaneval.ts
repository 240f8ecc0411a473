/** HumanEval (arXiv 2107.03374): 164 Python functions by docstring, checked by asserts. The paper has HumanEval-Mul (8 languages); this is Python alone, k our choice. */
import { z } from 'zod'
import { programs } from '../../tasks/programs.ts'
import type { CodeTests } from '../../verifiers/code/code-tests.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  task_id: z.string(),
  prompt: z.string(),
  entry_point: z.string(),
  test: z.string(),
})

export const humaneval: Benchmark = {
  name: 'humaneval',
  title: 'HumanEval',
  settings: paperSettings(4),
  data: {
    file: 'humaneval.jsonl',
    from: 'openai/human-eval',
    description: 'rows of {task_id, prompt, entry_point, test}',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ task_id, prompt, entry_point, test }) => ({
      id: task_id,
      prompt,
      answer: '',
      data: { tests: { kind: 'humaneval', prompt, test, entryPoint: entry_point } satisfies CodeTests },
    }))
  },
  ...programs,
}
