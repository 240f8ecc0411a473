/** Runs `r1` and exits. */
import { explain } from './exit-code.ts'
import { buildProgram } from './program.ts'

/** Exits once the output that is still on its way is written. */
function exit(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}

function fail(error: unknown): void {
  const { exitCode, text } = explain(error)
  process.stderr.write(text)
  exit(exitCode)
}

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader (`| head`) has seen enough.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
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
