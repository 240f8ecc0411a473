/** Answers requests in Python: one interpreter for the program, a second one for the tests. */
import { Stop } from './python-imports.ts'
import { bootPython, type PyodideFiles, type RunOptions, type Served } from './python-interpreter.ts'
import type { RunLimits, Runtime, RuntimeAnswer, RuntimeRequest } from './runtime.ts'
import type { ProgramError } from './sandbox-protocol.ts'

/** A sandbox whose memory has grown past this is replaced, since WebAssembly memory never shrinks. */
const MOST_GROWN_BYTES = 64 * 1024 * 1024
/** No honest answer is longer, a returned value apart. */
const MOST_ANSWER = 64 * 1024
const NOTHING = new Uint8Array()

export async function pythonRuntime(
  files: PyodideFiles,
  memoryBytes: number,
  snapshot: Uint8Array | undefined,
): Promise<Runtime & { snapshot: Uint8Array }> {
  const module = await files.compile()
  const boot = (known?: Uint8Array) => bootPython(files, module, memoryBytes, known)
  const program = await boot(snapshot)
  const image = snapshot ?? program.snapshot
  let judge: typeof program | null = null
  let names = '{}'

  async function answer(request: RuntimeRequest, limits: RunLimits): Promise<RuntimeAnswer> {
    if (request.op === 'judge') judge ??= await boot(image)
    limits.startClock()
    const options = { stdin: NOTHING, isOver: limits.isOver, outputBytes: limits.outputBytes }
    switch (request.op) {
      case 'script': {
        program.reset()
        const { input, ...rest } = request
        const stdin = new TextEncoder().encode(input)
        return toAnswer(program.serve('_runner.serve', JSON.stringify(rest), { ...options, stdin }))
      }
      case 'load': {
        program.reset()
        const served = program.serve('_runner.serve', JSON.stringify(request), options)
        names = served.record
        return toAnswer({ ...served, record: served.fault === null ? withoutNames(served.record) : '' })
      }
      case 'call':
        return toAnswer(program.serve('_runner.serve', JSON.stringify(request), options), limits.outputBytes)
      case 'judge':
      case 'test': {
        if (request.op === 'judge') judge!.reset()
        return toAnswer(
          judge!.serve('_judge.serve', JSON.stringify({ ...request, names }), toProgram(options)),
        )
      }
    }
  }

  /** The tests ask the program, which may ask back: for what they handed to it, and nothing else. */
  function toProgram(options: RunOptions): RunOptions {
    return {
      ...options,
      ask: (question) => reply(program.serve('_runner.serve', question, toJudge(options))),
    }
  }

  function toJudge(options: RunOptions): RunOptions {
    return {
      ...options,
      ask(question) {
        const { fault, record } = judge!.serve('_judge.answer', question, toProgram(options))
        if (fault !== null) throw new Stop(fault)
        return record
      },
    }
  }

  function isWorn({ fault }: RuntimeAnswer): boolean {
    const grown = Math.max(program.grownBytes(), judge?.grownBytes() ?? 0)
    return grown > MOST_GROWN_BYTES || fault?.kind === 'crash' || fault?.kind === 'forbidden'
  }

  return { snapshot: image, answer, isWorn }
}

/** What a program printed in a call, and its reply as it stands. One that died in the middle ends the test. */
function reply({ record, stdout, fault }: Served): string {
  if (fault !== null) throw new Stop(fault)
  return `{"printed":${JSON.stringify(stdout)},"reply":${record.replaceAll('\n', ' ') || 'null'}}`
}

/** The judge reads the names; only an error is read here, and it is short. */
const withoutNames = (record: string): string => (record.startsWith('{"names"') ? '{}' : record)

function toAnswer({ record, stdout, fault }: Served, mostAnswer = MOST_ANSWER): RuntimeAnswer {
  if (fault !== null) return { stdout, fault }
  const answer = record.length <= mostAnswer ? parsed(record) : null
  if (answer === null) return { stdout, fault: { kind: 'crash', detail: 'no reply' } }
  const { error, value, passed, expected, got } = answer
  if (error !== undefined) return { stdout, error: readError(error) }
  return {
    stdout,
    ...(typeof value === 'string' ? { value } : {}),
    ...(typeof passed === 'boolean' ? { passed } : {}),
    ...(expected === undefined ? {} : { expected: String(expected), got: String(got) }),
  }
}

/** A program may have written anything in place of an answer: what is no JSON object is none. */
function parsed(record: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(record)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** The program can forge its own record, so its shape is not taken on trust. */
function readError(error: unknown): ProgramError {
  const { type, message, line } = (error ?? {}) as Record<string, unknown>
  const text = (value: unknown) => String(value ?? '').slice(0, 300)
  return { type: text(type), message: text(message), line: typeof line === 'number' ? line : 0 }
}
