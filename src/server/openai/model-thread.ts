/** A model in a thread of its own: its sampler and its tokenizer's work leave the server free to answer. */
import { Worker } from 'node:worker_threads'
import type { SampledSequence, SampleRequest } from '../../engine/engine.ts'
import { EngineError } from '../../errors.ts'
import { checkLocalModel, openModelText } from '../../loading/local-model.ts'
import type { SamplingModel } from '../../loading/sampling-model.ts'
import type { Frozen } from '../../model/lora.ts'
import { workerEntry } from '../../run/worker-entry.ts'
import type { FromThread, ThreadData, ToldToken, ToThread } from './thread-messages.ts'

export interface ThreadedModel extends SamplingModel {
  vocabularySize: number
  /** Undefined for a text of clearly more tokens than `most`. */
  encode(text: string, options: { specialTokens: boolean; most: number }): Promise<Int32Array | undefined>
}

interface Call {
  told?: (token: ToldToken) => void
  done: (result: unknown) => void
  failed: (error: unknown) => void
}

interface Thread {
  maxPositions: number
  vocabularySize: number
  /** Abandons nothing: who no longer wants the answer says so to the thread. */
  call<T>(message: Message, told?: Call['told']): { id: number; answer: Promise<T> }
  abort(id: number): void
  close(): void
  /** It ended, and with it all its calls. */
  readonly ended: boolean
}

type Message = ToThread extends infer One ? (One extends { id: number } ? Omit<One, 'id'> : never) : never

/** Throws a UserError where there is no model at the path. A thread that dies fails what it was asked; the next request starts another. */
export async function openModelThread(path: string, frozen?: Frozen): Promise<ThreadedModel> {
  await checkLocalModel(path)
  const text = await openModelText(path)
  let starting = startThread({ path, frozen })
  const { maxPositions, vocabularySize } = await starting
  const thread = async () => {
    const running = await starting.catch(() => undefined)
    if (running === undefined || running.ended) starting = startThread({ path, frozen })
    return await starting
  }
  return {
    ...text,
    maxPositions,
    vocabularySize,
    policy: {
      sample: async (requests) => {
        const running = await thread()
        return await Promise.all(requests.map((request) => sample(running, request)))
      },
    },
    encode: async (text, options) => {
      const { answer } = (await thread()).call<Int32Array | undefined>({ kind: 'encode', text, ...options })
      return await answer
    },
    close: () => void starting.then((running) => running.close()).catch(() => {}),
  }
}

/** After an abort nothing more is told, and the answer has what was told before. */
async function sample(thread: Thread, given: SampleRequest): Promise<SampledSequence[]> {
  const { signal, onToken, ...request } = given
  const counts = new Array<number>(request.samples).fill(0)
  let stopped = signal?.aborted === true
  let failure: unknown
  const stop = () => {
    stopped = true
    thread.abort(id)
  }
  const { id, answer } = thread.call<SampledSequence[]>(
    { kind: 'sample', request, tell: onToken !== undefined },
    ({ sample, token, logprob, likeliest }) => {
      if (stopped) return
      counts[sample]!++
      try {
        onToken!(sample, token, logprob, likeliest)
      } catch (error) {
        failure = error
        stop()
      }
    },
  )
  if (stopped) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  try {
    const sequences = await answer
    if (failure !== undefined) throw failure
    if (!stopped || onToken === undefined) return sequences
    return sequences.map((sequence, s) => cut(sequence, counts[s]!))
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

function cut(sequence: SampledSequence, length: number): SampledSequence {
  const { tokens, logprobs, samplingLogprobs, stopReason } = sequence
  if (tokens.length <= length && stopReason !== 'aborted') return sequence
  return {
    tokens: tokens.subarray(0, length),
    logprobs: logprobs.subarray(0, length),
    samplingLogprobs: samplingLogprobs.subarray(0, length),
    stopReason: 'aborted',
  }
}

function startThread(data: ThreadData): Promise<Thread> {
  const { path } = data
  const worker = new Worker(workerEntry('thread', import.meta.url), { workerData: data, execArgv: [] })
  const calls = new Map<number, Call>()
  let last = 0
  let ended = false
  const settle = (id: number): Call | undefined => {
    const call = calls.get(id)
    calls.delete(id)
    return call
  }
  return new Promise((opened, refused) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'tokens') for (const token of message.tokens) calls.get(token.id)?.told?.(token)
      else if (message.kind === 'done') settle(message.id)?.done(message.result)
      else if (message.kind === 'failed') {
        const { id, message: text, mistake } = message
        settle(id)?.failed(mistake ? new EngineError(text) : new Error(text))
      } else {
        const { maxPositions, vocabularySize } = message
        opened({
          maxPositions,
          vocabularySize,
          call(message, told) {
            const id = ++last
            const answer = new Promise<never>((done, failed) => {
              if (ended) return failed(lost(path))
              calls.set(id, { done: done as Call['done'], failed, ...(told && { told }) })
              worker.postMessage({ ...message, id } as ToThread)
            })
            return { id, answer }
          },
          abort: (id) => worker.postMessage({ kind: 'abort', id } satisfies ToThread),
          close: () => void worker.terminate(),
          get ended() {
            return ended
          },
        })
      }
    })
    worker.once('error', (cause) => console.error(cause))
    worker.once('exit', () => {
      ended = true
      const error = lost(path)
      refused(error)
      for (const { failed } of calls.values()) failed(error)
      calls.clear()
    })
  })
}

const lost = (path: string) => new Error(`The thread of ${path} has ended.`)
