/** `r1 verify`: judges answers from a file or a pipe with the verifiers that the rewards and benchmarks use. */
import { once } from 'node:events'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Writable } from 'node:stream'
import { Command } from 'commander'
import { ConfigError, DataError } from '../errors.ts'
import { KINDS, type Kind } from '../verifiers/kinds.ts'
import { refuseOwnInput } from './own-input.ts'
import { verifyLines } from './verify-rows.ts'

interface VerifyFlags {
  kind?: string
  input?: string
  output?: string
  concurrency?: string
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('Judge answers: one JSON case a line in, one verdict a line out, in the same order')
    .option('-k, --kind <kind>', `the verifier: ${Object.keys(KINDS).join(', ')}`)
    .option('-i, --input <file>', 'read cases from this file instead of standard input')
    .option('-o, --output <file>', 'write verdicts to this file instead of standard output')
    .option('--concurrency <n>', 'cases at once (default: the number of processor cores)')
    .addHelpText(
      'after',
      `
A case is {"id", "gold", "prediction"}, the last two strings or numbers; its verdict is {"id", "correct", "extracted",
"reason"}. A line that is no case yields {"id", "line", "error"}, and the next is read. By kind:
  math       optional "options": {"precision": 6, "strict": true}
  code       gold holds the tests as JSON
  choice     gold is the letter; optional "choices": the options' texts
  countdown  "numbers" and "target" in the row, or as JSON in gold

Examples:
  echo '{"id": 1, "gold": "1/2", "prediction": "so \\\\boxed{0.5}"}' | r1 verify --kind math
  r1 verify --kind choice --input answers.jsonl --output verdicts.jsonl`,
    )
    .action(verify)
}

async function verify(flags: VerifyFlags): Promise<void> {
  const kind = kindOf(flags.kind)
  const concurrency = concurrencyOf(flags.concurrency)
  checkInput(flags.input)
  const output = await openOutput(flags)
  const input = flags.input === undefined ? process.stdin : createReadStream(flags.input)

  const { verify: judge, close } = await KINDS[kind](concurrency)
  const counts = { correct: 0, wrong: 0, malformed: 0 }
  try {
    for await (const result of verifyLines(input.setEncoding('utf8'), judge, concurrency)) {
      counts[result.outcome]++
      if (!output.write(`${result.text}\n`)) await once(output, 'drain')
    }
  } finally {
    await close?.()
  }
  if (output !== process.stdout) {
    output.end()
    await once(output, 'finish')
  }
  const malformed = counts.malformed === 0 ? '' : `, ${counts.malformed} malformed`
  process.stderr.write(`${counts.correct} correct, ${counts.wrong} wrong${malformed}\n`)
  if (counts.malformed > 0 && counts.correct + counts.wrong === 0)
    throw new DataError('no line is a case.', {
      field: flags.input ?? 'standard input',
      expected: 'one JSON object a line, such as {"id": 1, "gold": "1/2", "prediction": "0.5"}',
      remedy: 'Each line of the output says what is wrong with it.',
    })
}

function kindOf(kind: string | undefined): Kind {
  if (kind !== undefined && Object.hasOwn(KINDS, kind)) return kind as Kind
  throw new ConfigError(kind === undefined ? 'no verifier chosen.' : 'there is no such verifier.', {
    field: '--kind',
    ...(kind === undefined ? {} : { value: kind }),
    expected: Object.keys(KINDS).join(', '),
  })
}

function concurrencyOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism()
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new ConfigError('not a number of cases.', {
    field: '--concurrency',
    value: text,
    expected: '1 to 9999',
  })
}

function checkInput(path: string | undefined): void {
  if (path !== undefined) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return
    throw new ConfigError('there is no such file.', {
      field: '--input',
      value: path,
      remedy: 'Check the path.',
    })
  }
  if (!process.stdin.isTTY) return
  throw new ConfigError('no cases to read.', {
    field: '--input',
    remedy: 'Name a file, or pipe cases in: r1 verify --kind math < cases.jsonl.',
  })
}

async function openOutput({ input, output: path }: VerifyFlags): Promise<Writable> {
  if (path === undefined) return process.stdout
  if (input !== undefined) refuseOwnInput('--output', path, [input])
  const file = createWriteStream(path)
  try {
    await once(file, 'open')
  } catch (cause) {
    const remedy = 'Name a file in a folder that exists and may be written.'
    throw new ConfigError('cannot be written.', { field: '--output', value: path, remedy, cause })
  }
  return file
}
