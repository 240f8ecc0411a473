/** An engine that tells what it is doing, and what the responses to the first question are, token by token. */
import type { Engine } from '../../../src/engine/engine.ts'
import { stopTokens } from '../../../src/rollout/sample-groups.ts'
import type { Tokenizer } from '../../../src/text/tokenizer.ts'
import type { Phase } from './messages.ts'

export interface Writing {
  prompt: string
  /** Of the first question, as far as they are written. */
  texts: string[]
  /** Responses that are done, of all of the step. */
  done: number
  total: number
}

/** Milliseconds between two looks at what is written. */
const LOOK = 80

export function watched(
  engine: Engine,
  {
    phase,
    writing,
    tokenizer,
  }: { phase: (phase: Phase) => void; writing: (writing: Writing) => void; tokenizer: Tokenizer },
): Engine {
  return {
    async sample(requests) {
      phase('sampling')
      const [first] = requests
      const decoders = Array.from({ length: first!.samples }, () => tokenizer.decoder())
      const texts = decoders.map(() => '')
      const stops = stopTokens(tokenizer)
      const prompt = tokenizer.decode(first!.prompt)
      const total = requests.reduce((sum, { samples }) => sum + samples, 0)
      let done = 0
      let looked = 0
      const tell = () => writing({ prompt, texts: [...texts], done, total })
      const sampled = await engine.sample(
        requests.map((request) => ({
          ...request,
          onToken(sample, token) {
            const stopped = stops.includes(token)
            if (stopped) done++
            if (request === first && !stopped) texts[sample] += decoders[sample]!.push(token)
            if (performance.now() - looked < LOOK) return
            looked = performance.now()
            tell()
          },
        })),
      )
      done = total
      tell()
      phase('scoring')
      return sampled
    },
    logprobs(sequences) {
      phase('scoring')
      return engine.logprobs(sequences)
    },
    forwardBackward(batch, objective) {
      phase('training')
      return engine.forwardBackward(batch, objective)
    },
    optimStep: (adamw) => engine.optimStep(adamw),
    snapshot: () => engine.snapshot(),
    loadSnapshot: (folder) => engine.loadSnapshot(folder),
    save: (folder, options) => engine.save(folder, options),
    load: (folder, options) => engine.load(folder, options),
    close: () => engine.close(),
  }
}
