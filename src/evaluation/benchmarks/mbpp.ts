/** MBPP (arXiv 2108.07732): Python functions from a sentence and three asserts. The test tasks are ids 11 to 510; not in the paper, k our choice. */
import { z } from 'zod'
import { programs } from '../../tasks/programs.ts'
import type { CodeTests } from '../../verifiers/code/code-tests.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z
  .object({
    task_id: z.number(),
    text: z.string().optional(),
    prompt: z.string().optional(),
    test_setup_code: z.string().optional(),
    test_imports: z.array(z.string()).optional(),
    test_list: z.array(z.string()).min(1),
  })
  .refine((row) => row.text !== undefined || row.prompt !== undefined, {
    message: 'neither text nor prompt in this row',
  })

export const mbpp: Benchmark = {
  name: 'mbpp',
  title: 'MBPP',
  settings: paperSettings(4),
  data: {
    file: 'mbpp.jsonl',
    from: 'google-research/google-research, mbpp',
    description: 'rows of {task_id, text, test_list}; mbpp-sanitized works too',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema))
      .filter(({ task_id }) => task_id >= 11 && task_id <= 510)
      .map(({ task_id, text, prompt, test_setup_code, test_imports, test_list }) => ({
        id: String(task_id),
        prompt: (text ?? prompt)!,
        answer: '',
        data: {
          tests: {
            kind: 'asserts',
            asserts: test_list,
            setup: [...(test_imports ?? []), test_setup_code ?? ''].join('\n').trim(),
          } satisfies CodeTests,
        },
      }))
  },
  ...programs,
}
