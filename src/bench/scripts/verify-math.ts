/**
 * Speed of the maths verifier and, where a Python with Math-Verify is named, its agreement and speed beside it.
 *
 *     R1_DATA=<folder> npx tsx src/bench/scripts/verify-math.ts [--peer /tmp/mv/bin/python] [--every 8] [--disagreements]
 *
 * Rows: verifier-examples.jsonl, the mathematics of verdict-cases.jsonl where the folder has it, and MATH-500's answers each against
 * equivalent and wrong rewritings of itself (`--every 8` takes one in eight of those). Without R1_DATA, the few rows of test/data. Times are of the processor, so that other work on the machine does not count.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { judgeMath, verifyMath } from '../../verifiers/math/verify.ts'

interface Row {
  id: string
  gold: string
  prediction: string
  expected: boolean | null
  options: { match_types?: ('latex' | 'expr')[]; precision?: number; strict?: boolean }
}

const DATA = process.env.R1_DATA ?? join(import.meta.dirname, '../../../test/data')
const WRONG_LABEL = 'huggingface/Math-Verify/test_yujianll/test_string_extraction/9'
const lines = (file: string) =>
  existsSync(join(DATA, file))
    ? readFileSync(join(DATA, file), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []

const examples: Row[] = lines('verifier-examples.jsonl')
  .filter((row) => row.id !== WRONG_LABEL)
  .map((row) => ({ ...row, expected: row.expected === 1 }))

const cases: Row[] = lines('verdict-cases.jsonl')
  .filter((row) => row.kind === 'math')
  .map((row) => ({ ...row, id: `${row.group} ${row.id}`, options: row.options ?? {} }))

/** Rewritings whose truth is known by how they were made; null where a rewriting does not apply. */
const REWRITINGS: [string, boolean, (answer: string) => string | null][] = [
  ['as it is', true, (a) => a],
  ['dfrac', true, (a) => (a.includes('\\frac') ? a.replaceAll('\\frac', '\\dfrac') : null)],
  [
    'slash',
    true,
    (a) => (/^\\frac\{-?\d+\}\{\d+\}$/.test(a) ? a.replace(/\\frac\{(-?\d+)\}\{(\d+)\}/, '$1/$2') : null),
  ],
  [
    'doubled fraction',
    true,
    (a) =>
      a
        .replace(/^\\frac\{(\d+)\}\{(\d+)\}$/, (_, n, d) => `\\frac{${2 * n}}{${2 * d}}`)
        .replace(/^(?!\\frac\{\d{1,9}\}\{\d{1,9}\}$).*$/s, '') || null,
  ],
  ['decimal point', true, (a) => (/^-?\d+$/.test(a) ? `${a}.0` : null)],
  ['thousands', true, (a) => (/^\d{4,}$/.test(a) ? Number(a).toLocaleString('en-US') : null)],
  ['assignment', true, (a) => (/[=<>,]|\\[lg]e|\\in\b|\\text|\\begin/.test(a) ? null : `x = ${a}`)],
  ['no left and right', true, (a) => (a.includes('\\left') ? a.replace(/\\left|\\right/g, '') : null)],
  [
    'plus zero',
    true,
    (a) =>
      /^[\\a-z0-9{}+\-^ ]+$/.test(a) && !/\\text|\\begin|\^\\circ|_/.test(a)
        ? `0 + ${a.replace(/^-/, '-')}`
        : null,
  ],
  ['plus one', false, (a) => (/^-?\d+$/.test(a) ? String(Number(a) + 1) : null)],
  ['negated', false, (a) => (/^\d+$/.test(a) && a !== '0' ? `-${a}` : null)],
  [
    'upside down',
    false,
    (a) => (/^\\frac\{(\d+)\}\{(\d+)\}$/.test(a) ? a.replace(/\{(\d+)\}\{(\d+)\}/, '{$2}{$1}') : null),
  ],
  [
    'another digit',
    false,
    (a) => (/\d/.test(a) ? a.replace(/\d/, (d) => String((Number(d) + 3) % 10)) : null),
  ],
  ['one more member', false, (a) => (/[=<>]|\\text|\\begin|_|\\cup/.test(a) ? null : `${a}, 977`)],
  ['hedged', false, (a) => (/[=<>,]|\\text|\\begin/.test(a) ? null : `${a} \\text{ or } 977`)],
  [
    'times seven',
    false,
    (a) =>
      /^[\\a-z0-9{}+\-^ ]+$/.test(a) && !/\\text|\\circ|_/.test(a) && a !== '0'
        ? `7\\left(${a}\\right)`
        : null,
  ],
]

const rewritten: Row[] = lines('math500.jsonl').flatMap(({ answer, unique_id: id }) =>
  REWRITINGS.flatMap(([name, expected, rewrite]) => {
    const changed = rewrite(answer)
    if (changed === null) return []
    return [
      {
        id: `${id} ${name}`,
        gold: `$${answer}$`,
        prediction: `The answer is $\\boxed{${changed}}$.`,
        expected,
        options: {},
      },
    ]
  }),
)

const optionsOf = ({ options: { match_types: matchTypes, precision, strict } }: Row) => ({
  ...(matchTypes && { matchTypes }),
  ...(precision && { precision }),
  ...(strict !== undefined && { strict }),
})

interface Judged {
  correct: boolean
  milliseconds: number
}

async function ours(rows: readonly Row[]): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const row of rows) {
    const start = process.cpuUsage()
    const { correct } = await verifyMath(row.prediction, row.gold, optionsOf(row))
    const { user, system } = process.cpuUsage(start)
    judged.push({ correct, milliseconds: (user + system) / 1_000 })
  }
  return judged
}

function peers(rows: readonly Row[], python: string): Judged[] {
  const script = new URL('../../../tools/math_verify_peer.py', import.meta.url).pathname
  const input = rows.map((row) => JSON.stringify(row)).join('\n')
  const { stdout, status } = spawnSync(python, [script], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${python} ${script} ended with ${status}`)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function report(name: string, rows: readonly Row[], judged: readonly Judged[]): void {
  const times = judged.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const total = times.reduce((sum, time) => sum + time, 0)
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(3)
  const right = rows.filter((row, k) => judged[k]!.correct === row.expected).length
  const falseYes = rows.filter((row, k) => judged[k]!.correct && row.expected === false).length
  console.log(
    `${name}: ${right}/${rows.length} as expected, ${falseYes} false yes; ${((1000 * rows.length) / total).toFixed(0)} pairs/s, median ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  )
}

const python = process.argv.includes('--peer') ? process.argv[process.argv.indexOf('--peer') + 1] : undefined
const every = process.argv.includes('--every') ? Number(process.argv[process.argv.indexOf('--every') + 1]) : 1
const sampled = rewritten.filter((_, k) => k % every === 0)
const showAll = process.argv.includes('--disagreements')
for (let k = 0; k < 20; k++) for (const row of examples) judgeMath(row.prediction, row.gold)
for (const [name, rows] of [
  ['verifier-examples', examples],
  ['verdict-cases', cases],
  ['MATH-500 rewritten', sampled],
] as const) {
  if (rows.length === 0) continue
  const mine = await ours(rows)
  report(`${name}, ours`, rows, mine)
  const wrong = rows.filter((row, k) => mine[k]!.correct !== row.expected)
  for (const row of wrong)
    console.log(`  not as expected (${row.expected}): ${row.id} | ${row.gold} | ${row.prediction}`)
  if (python === undefined) continue
  const theirs = peers(rows, python)
  report(`${name}, Math-Verify`, rows, theirs)
  const apart = rows.filter((_, k) => mine[k]!.correct !== theirs[k]!.correct)
  console.log(`${name}: ${rows.length - apart.length}/${rows.length} verdicts agree`)
  if (!showAll) continue
  for (const [k, row] of rows.entries()) {
    if (mine[k]!.correct !== theirs[k]!.correct) {
      console.log(
        `  ours ${mine[k]!.correct} peer ${theirs[k]!.correct} expected ${row.expected}: ${row.id} | ${row.gold.slice(-80)} | ${row.prediction.slice(-80)}`,
      )
    }
  }
}
