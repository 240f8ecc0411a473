/**
 * SWE-bench Verified (arXiv 2310.06770): one-shot patches for 500 GitHub issues, written as the predictions file that
 * the official harness scores in its containers; nothing is scored here. The paper uses Agentless (R1 §3),
 * which first localises: a file whose rows carry `files` (`[{path, content}]`) gives that localisation to the model;
 * without it the model sees the issue alone. Agentless's own search and repair steps are left out.
 */
import { z } from 'zod'
import { fencedBlocks } from '../../text/fenced-blocks.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  instance_id: z.string(),
  repo: z.string(),
  base_commit: z.string(),
  problem_statement: z.string(),
  files: z.array(z.object({ path: z.string(), content: z.string() })).optional(),
})

const HARNESS =
  'python -m swebench.harness.run_evaluation --dataset_name princeton-nlp/SWE-bench_Verified --predictions_path PREDICTIONS --run_id r1'

export const sweBenchVerified: Benchmark = {
  name: 'swe-bench-verified',
  title: 'SWE-bench Verified',
  settings: paperSettings(1),
  data: {
    file: 'swebench-verified.jsonl',
    from: 'princeton-nlp/SWE-bench_Verified',
    description:
      'rows of {instance_id, repo, base_commit, problem_statement} and optionally files: [{path, content}]',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(
      ({ instance_id, repo, base_commit, problem_statement, files }) => ({
        id: instance_id,
        prompt: [
          `Repository: ${repo}, commit ${base_commit}`,
          `Issue:\n${problem_statement.trim()}`,
          ...(files ?? []).map(({ path, content }) => `File ${path}:\n\`\`\`\n${content}\n\`\`\``),
        ].join('\n\n'),
        answer: '',
      }),
    )
  },
  prompt: ({ prompt }) =>
    `${prompt}\n\nSolve the issue by changing the code. End with one patch for "git apply": a unified diff with a/ and b/ paths, in a \`\`\`diff block.`,
  equivalent: null,
  verify(_, response) {
    const patch = extractPatch(response)
    return {
      correct: false,
      extracted: patch,
      reason: patch === null ? 'no patch found' : 'a patch; the official harness scores it',
    }
  },
  async extraFigures(graded) {
    const patches = graded.filter(({ samples }) => samples[0]?.extracted != null).length
    return {
      numbers: { patches },
      shares: { patchShare: graded.length === 0 ? null : patches / graded.length },
      notes: [`Nothing is scored here. Score the predictions file with the official harness: ${HARNESS}`],
    }
  },
  scoredElsewhere: HARNESS,
  predictions: (graded, model) =>
    graded.flatMap(({ id, samples }) =>
      samples.slice(0, 1).map(({ extracted }) => ({
        instance_id: id,
        model_name_or_path: model,
        model_patch: extracted ?? '',
      })),
    ),
  paper: [{ row: 'SWE-bench Verified', figure: () => null }],
}

/**
 * The last fenced diff of the answer, or a bare one, ending in a line end as `git apply` wants. White space at its end may
 * be a line of the file and stays; an indented fence is one.
 */
export function extractPatch(response: string): string | null {
  const { answer } = splitReasoning(response)
  const fenced = fencedBlocks(answer, 0).findLast(({ text }) => isDiff(text))?.text
  const bare = /^(?:diff --git |--- )[\s\S]*$/m.exec(answer)?.[0].replaceAll('\r\n', '\n')
  const patch = fenced ?? (bare !== undefined && isDiff(bare) ? bare : undefined)
  return patch === undefined ? null : `${patch}\n`
}

function isDiff(text: string): boolean {
  return /^--- /m.test(text) && /^\+\+\+ /m.test(text) && /^@@ /m.test(text)
}
