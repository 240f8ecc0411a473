/** Answers a worker's requests in Python: one interpreter for the program, a second one for the tests. */
import { Stop } from './python-imports.ts'
import { bootPython, type PyodideFiles, type PythonInterpreter, type Served } from './python-interpreter.ts'
import type {
  ProgramError,
  RunLimits,
  SandboxAnswer,
  SandboxRequest,
  WorkerStart,
} from './sandbox-protocol.ts'

export interface Runtime {
  answer(request: SandboxRequest, limits: RunLimits): Promise<SandboxAnswer>
  isWorn(answer: SandboxAnswer): boolean
}

/** A worker whose memory has grown past this is replaced, since WebAssembly memory never shrinks. */
const MOST_GROWN_BYTES = 64 * 1024 * 1024
const NOTHING = new Uint8Array()

export async function pythonRuntime(
  files: PyodideFiles,
  { memoryBytes, image }: WorkerStart,
): Promise<Runtime & { program: PythonInterpreter }> {
  const program = await bootPython(files, memoryBytes, image)
  let judge: PythonInterpreter | null = null
  let names: unknown = {}

  async function answer(request: SandboxRequest, limits: RunLimits): Promise<SandboxAnswer> {
    if (request.op === 'judge') judge ??= await bootPython(files, memoryBytes, program.image)
    const options = {
      stdin: NOTHING,
      deadline: Date.now() + 1000 * limits.seconds,
      maxOutputBytes: limits.outputBytes,
    }
    switch (request.op) {
      case 'script': {
        program.reset()
        const { input, ...rest } = request
        return toAnswer(program.serve(rest, { ...options, stdin: new TextEncoder().encode(input) }))
      }
      case 'load': {
        program.reset()
        const served = program.serve(request, options)
        names = served.answer?.names ?? {}
        return toAnswer(served)
      }
      case 'call':
        return toAnswer(program.serve(request, options))
      case 'judge':
      case 'test': {
        if (request.op === 'judge') judge!.reset()
        const ask = (question: string) => reply(program.serve(JSON.parse(question), options))
        return toAnswer(judge!.serve({ ...request, names }, { ...options, ask }))
      }
    }
  }

  function isWorn({ fault }: SandboxAnswer): boolean {
    const grown = Math.max(program.grownBytes(), judge?.grownBytes() ?? 0)
    return grown > MOST_GROWN_BYTES || fault?.kind === 'crash' || fault?.kind === 'forbidden'
  }

  return { program, answer, isWorn }
}

/** A program that died in the middle of a call ends the test that called it. */
function reply({ answer, fault }: Served): string {
  if (fault !== null) throw new Stop(fault)
  if (answer === null) throw new Stop({ kind: 'crash', detail: 'no reply' })
  return JSON.stringify(answer)
}

function toAnswer({ answer, stdout, fault }: Served): SandboxAnswer {
  if (fault !== null) return { stdout, fault }
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

/** The program can forge its own record, so its shape is not taken on trust. */
function readError(error: unknown): ProgramError {
  const { type, message, line } = (error ?? {}) as Record<string, unknown>
  const text = (value: unknown) => String(value ?? '').slice(0, 300)
  return { type: text(type), message: text(message), line: typeof line === 'number' ? line : 0 }
}
