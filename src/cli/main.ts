/** Runs `r1` and exits. */
import { EXIT_CODES, outputClosed } from '../run/stop.ts'
import { explain } from './exit-code.ts'
import { buildProgram } from './program.ts'
import { fitted } from './terminal.ts'

/** The reader (`| head`) has left. */
let closed = false

/** Exits once the output that is still on its way is written. */
function exit(code: number): void {
  process.stdout.write('', (lost) => {
    const exitCode = code === 0 && (closed || lost) ? EXIT_CODES.SIGPIPE : code
    process.stderr.write('', () => process.exit(exitCode))
  })
}

function fail(error: unknown): void {
  const { exitCode, text } = explain(error)
  // A stack keeps its lines.
  process.stderr.write(exitCode === 1 ? text : fitted(text, process.stderr))
  exit(exitCode)
}

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    closed = true
    // A run saves first; any other command has nothing left to do.
    if (!outputClosed()) process.exit(EXIT_CODES.SIGPIPE)
  })
process.on('uncaughtException', fail)

const args = process.argv.slice(2)
try {
  const program = await buildProgram(args)
  await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' })
  exit(typeof process.exitCode === 'number' ? process.exitCode : 0)
} catch (error) {
  fail(error)
}
