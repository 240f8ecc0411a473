/**
 * Speed of the code verifier: time to the first verdict (cold), to the next start (warm image), and programs per
 * second on the warm pool, for each kind of test.
 *
 *     npx tsx src/bench/scripts/verify-code.ts [--rounds 5]
 *
 * Each round runs the same programs; the fastest round is reported, with the number of workers beside it.
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type CodeTests, closeSandboxes, verifyCode } from '../../verifiers/code/verify.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const numRounds = Number(values.rounds)
const PROGRAMS_A_ROUND = 24
const limits = { secondsPerTest: 120, secondsTotal: 600 }

const python = (text: string) => `\`\`\`python\n${text}\n\`\`\``
const ADDS = 'def add(a, b):\n    return a + b'
const SUMS = 'n = int(input())\nprint(sum(map(int, input().split())))'
const tenNumbers = Array.from({ length: 5 }, (_, i) => ({ input: `3\n${i} 2 3\n`, output: `${i + 5}\n` }))

const KINDS: [name: string, prediction: string, tests: CodeTests][] = [
  ['Python, 1 stdin test', python(SUMS), { kind: 'stdio', tests: tenNumbers.slice(0, 1) }],
  ['Python, 5 stdin tests', python(SUMS), { kind: 'stdio', tests: tenNumbers }],
  [
    'Python, MBPP, 3 asserts',
    python(ADDS),
    {
      kind: 'asserts',
      asserts: ['assert add(1, 2) == 3', 'assert add(2, 2) == 4', 'assert add(-1, 1) == 0'],
    },
  ],
  [
    'Python, HumanEval',
    '    return a + b\n',
    {
      kind: 'humaneval',
      prompt: 'def add(a, b):\n    """Adds."""\n',
      test: 'def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(2, 2) == 4\n',
      entryPoint: 'add',
    },
  ],
  [
    'Python, 5 calls',
    python(ADDS),
    {
      kind: 'function',
      name: 'add',
      cases: [1, 2, 3, 4, 5].map((i) => ({ arguments: [i, 1], expected: i + 1 })),
    },
  ],
  [
    'JavaScript, 1 stdin test',
    '```js\nreadline(); console.log(readline().split(" ").reduce((a, b) => a + Number(b), 0))\n```',
    { kind: 'stdio', language: 'javascript', tests: tenNumbers.slice(0, 1) },
  ],
]

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

async function accepted(prediction: string, tests: CodeTests): Promise<void> {
  const verdict = await verifyCode(prediction, tests, limits)
  if (!verdict.correct) throw new Error(`the benchmark's own program failed: ${verdict.reason}`)
}

const [, firstPrediction, firstTests] = KINDS[0]!
const cold = await seconds(() => accepted(firstPrediction, firstTests))
await closeSandboxes()
const warm = await seconds(() => accepted(firstPrediction, firstTests))
console.log(
  `node ${process.version}, ${Math.max(1, availableParallelism() - 1)} worker(s), load ${loadavg()[0]!.toFixed(1)}`,
)
console.log(`cold start to first verdict   ${cold.toFixed(2)} s`)
console.log(`start from the image          ${warm.toFixed(2)} s`)

for (const [, prediction, tests] of KINDS) await accepted(prediction, tests)
const best = new Map<string, number>()
for (let round = 0; round < numRounds; round++)
  for (const [name, prediction, tests] of KINDS) {
    const time = await seconds(() =>
      Promise.all(Array.from({ length: PROGRAMS_A_ROUND }, () => accepted(prediction, tests))),
    )
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, time))
  }
for (const [name, time] of best)
  console.log(`${name.padEnd(28)} ${(PROGRAMS_A_ROUND / time).toFixed(0).padStart(6)} programs/s`)
await closeSandboxes()
