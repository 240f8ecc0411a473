/**
 * Answers requests in JavaScript: QuickJS in WebAssembly, a fresh runtime and context a program. The
 * program reaches the host by three functions only (read its input, write its output, end); see
 * javascript-sources.ts. Left out: modules (`import`), asserts, which are Python's.
 */
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten'
import { callSource, NODE_PRELUDE } from './javascript-sources.ts'
import {
  OutputBuffer,
  type RunLimits,
  type Runtime,
  type RuntimeAnswer,
  type RuntimeRequest,
} from './runtime.ts'
import type { Fault } from './sandbox-protocol.ts'

/** The stack that a recursion may use, within what the WebAssembly build has. */
const STACK_BYTES = 512 * 1024
const encoder = new TextEncoder()

interface Run {
  runtime: QuickJSRuntime
  context: QuickJSContext
  nextTimer: QuickJSHandle
  input: string
  output: OutputBuffer
  outputBytes: number
  isOver: () => boolean
  ended: Fault | { kind: 'done'; status: number } | null
}

/** `instantiate` makes a new WebAssembly module of QuickJS: the first, and one after each that is in doubt. */
export function javascriptRuntime(
  instantiate: () => Promise<QuickJSWASMModule>,
  memoryBytes: number,
): Runtime {
  let quickjs: QuickJSWASMModule | null = null
  let current: Run | null = null

  async function answer(request: RuntimeRequest, limits: RunLimits): Promise<RuntimeAnswer> {
    if (request.op === 'judge' || request.op === 'test') throw new Error(`${request.op} is for Python only`)
    if (request.op !== 'call') {
      if (current !== null && !closes(current)) quickjs = null
      quickjs ??= await instantiate()
      current = open(quickjs, memoryBytes, request.op === 'script' ? request.input : '', limits)
    }
    const run = current!
    limits.startClock()
    if (request.op === 'call') {
      const { error, value } = evaluate(run, callSource(request.name, request.args), 'call.js')
      return ended(run, error, value)
    }
    const source = request.op === 'script' ? request.versions[0]! : request.versions[0]!.join('\n')
    const { error } = evaluate(run, source, 'program.js')
    return ended(run, error ?? drain(run))
  }

  return { answer, isWorn: ({ fault }) => fault?.kind === 'crash' }
}

/** False where a program was cut short and left objects that QuickJS cannot free. */
function closes(run: Run): boolean {
  if (run.ended !== null) return false
  try {
    run.nextTimer.dispose()
    run.context.dispose()
    run.runtime.dispose()
    return true
  } catch {
    return false
  }
}

function open(
  quickjs: QuickJSWASMModule,
  memoryBytes: number,
  input: string,
  { outputBytes, isOver }: RunLimits,
): Run {
  const runtime = quickjs.newRuntime({ memoryLimitBytes: memoryBytes, maxStackSizeBytes: STACK_BYTES })
  const context = runtime.newContext()
  const run: Run = {
    runtime,
    context,
    nextTimer: context.undefined,
    input,
    output: new OutputBuffer(outputBytes),
    outputBytes,
    isOver,
    ended: null,
  }
  runtime.setInterruptHandler(() => {
    if (run.ended === null && run.isOver()) run.ended = { kind: 'time limit' }
    return run.ended !== null
  })
  expose(context, '__read', () => context.newString(run.input))
  expose(context, '__write', (text) => {
    if (!run.output.append(encoder.encode(context.getString(text)))) {
      run.ended ??= { kind: 'output limit' }
      throw new Error('output limit')
    }
    return context.undefined
  })
  expose(context, '__exit', (status) => {
    run.ended ??= { kind: 'done', status: context.getNumber(status) }
    throw new Error('exit')
  })
  run.nextTimer = context.unwrapResult(context.evalCode(NODE_PRELUDE, 'prelude.js'))
  return run
}

function expose(
  context: QuickJSContext,
  name: string,
  body: (argument: QuickJSHandle) => QuickJSHandle,
): void {
  const handle = context.newFunction(name, body)
  context.setProp(context.global, name, handle)
  handle.dispose()
}

interface Evaluated {
  error?: unknown
  value?: unknown
}

function evaluate({ context }: Run, source: string, name: string): Evaluated {
  const result = context.evalCode(source, name, { type: 'global' })
  const handle = result.error ?? result.value
  const dumped: unknown =
    result.error || context.typeof(handle) === 'string' ? context.dump(handle) : undefined
  handle.dispose()
  return result.error ? { error: dumped ?? 'error' } : { value: dumped }
}

/** Runs promises and timers until none is left; returns the first error. */
function drain({ runtime, context, nextTimer }: Run): unknown {
  for (;;) {
    const jobs = runtime.executePendingJobs()
    if (jobs.error) return dumpError(context, jobs.error)
    const timer = context.callFunction(nextTimer, context.undefined)
    if (timer.error) return dumpError(context, timer.error)
    const more = context.dump(timer.value) === true
    timer.value.dispose()
    if (!more && !runtime.hasPendingJob()) return undefined
  }
}

function dumpError(context: QuickJSContext, handle: QuickJSHandle): unknown {
  const dumped: unknown = context.dump(handle)
  handle.dispose()
  return dumped ?? 'error'
}

function ended(run: Run, error: unknown, value?: unknown): RuntimeAnswer {
  const stdout = run.output.text()
  const end = run.ended
  if (end !== null && end.kind !== 'done') return { stdout, fault: end }
  if (end !== null) return { stdout, fault: { kind: 'exit', detail: `exit status ${end.status}` } }
  if (typeof value === 'string' && value.length > run.outputBytes)
    return { stdout, fault: { kind: 'output limit' } }
  if (error === undefined) return typeof value === 'string' ? { stdout, value } : { stdout }
  const { name, message, stack } = error as { name?: unknown; message?: unknown; stack?: unknown }
  if (name === 'InternalError' && /out of memory/.test(String(message)))
    return { stdout, fault: { kind: 'memory limit' } }
  const line = Number(/program\.js:(\d+)/.exec(String(stack))?.[1] ?? 0)
  return {
    stdout,
    error: {
      type: String(name ?? 'Error').slice(0, 300),
      message: String(message ?? error).slice(0, 300),
      line,
    },
  }
}
