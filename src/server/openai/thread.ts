/**
 * The thread of a model: ONNX Runtime computes on the thread that calls it, and a server that did so itself could
 * answer nobody else meanwhile. Started by model-thread.ts.
 */
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../../errors.ts'
import { openModel } from '../../loading/local-model.ts'
import type { FromThread, ThreadData, ToldToken, ToThread } from './thread-messages.ts'

/** Characters that are encoded at a time before it is known whether a prompt may fit. */
const PIECE = 16_384

const post = (message: FromThread) => parentPort!.postMessage(message)
const { path, frozen } = workerData as ThreadData
const { engine, tokenizer } = await openModel(path, { frozen })
const { maxPositions, vocabularySize } = engine.config
const stops = new Map<number, AbortController>()

/** Those of a step go together. */
let told: ToldToken[] = []
function tell(token: ToldToken): void {
  if (told.push(token) > 1) return
  queueMicrotask(() => {
    post({ kind: 'tokens', tokens: told })
    told = []
  })
}

async function sample({ id, request, tell: wanted }: Extract<ToThread, { kind: 'sample' }>) {
  const stop = new AbortController()
  stops.set(id, stop)
  try {
    const [sequences] = await engine.sample([
      {
        ...request,
        signal: stop.signal,
        ...(wanted && {
          onToken: (sample, token, logprob, likeliest) => tell({ id, sample, token, logprob, likeliest }),
        }),
      },
    ])
    return sequences
  } finally {
    stops.delete(id)
  }
}

/** Undefined for a text of clearly more tokens than `most`, which is not encoded to its end. */
async function encode({ text, specialTokens, most }: Extract<ToThread, { kind: 'encode' }>) {
  // Cut in pieces a text has a few more tokens, and by far not twice as many.
  for (let start = 0, count = 0; start < text.length && text.length > PIECE; start += PIECE) {
    count += tokenizer.encode(text.slice(start, start + PIECE)).length
    if (count > 2 * most) return undefined
    await setImmediate()
  }
  return tokenizer.encode(text, { specialTokens })
}

parentPort!.on('message', (message: ToThread) => {
  if (message.kind === 'abort') return stops.get(message.id)?.abort()
  const { id } = message
  void (message.kind === 'sample' ? sample(message) : encode(message)).then(
    (result) => post({ kind: 'done', id, result }),
    (error: Error) => {
      const mistake = error instanceof UserError
      post({ kind: 'failed', id, message: mistake ? error.message : String(error.stack), mistake })
    },
  )
})
post({ kind: 'open', maxPositions, vocabularySize })
