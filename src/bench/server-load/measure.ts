/**
 * What a server adds to its sampler: clients in a process of their own stream answers from it for a while, and half as
 * long before and after that the same questions go to the sampler alone, as many at a time. All on this machine, so the
 * clients' own work counts against the server.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { stopTokens } from '../../rollout/sample-groups.ts'
import type { ThreadedModel } from '../../server/openai/model-thread.ts'
import { serveModel } from '../../server/openai/served-model.ts'
import { startServer } from '../../server/server.ts'
import type { ClientFigures } from './clients.ts'
import { askOf, type LoadOptions } from './questions.ts'

export interface LoadFigures extends ClientFigures {
  clients: number
  seconds: number
  /** Of the sampler alone. */
  samplerTokensPerSecond: number
  /** Of the sampler's throughput that the clients got. */
  share: number
  /** Seconds that the server's event loop was late. */
  eventLoopDelay: { p99: number; most: number }
}

const MODEL = 'model'

export async function measureServing(
  model: ThreadedModel,
  options: LoadOptions,
  runClients: (url: string, model: string, seconds: number) => Promise<ClientFigures>,
  note: (text: string) => void,
): Promise<LoadFigures> {
  const { clients, seconds } = options
  const server = await startServer({
    models: [serveModel(MODEL, model, clients)],
    runs: 'runs',
    port: 0,
  })
  const url = `${server.url}/v1`
  const half = { ...options, seconds: seconds / 2 }
  try {
    // Graphs are compiled by shape, each at its first use.
    note('warming up …')
    await samplerAlone(model, { ...options, seconds: seconds / 4 })
    await runClients(url, MODEL, seconds / 4)
    note('the sampler alone …')
    const before = await samplerAlone(model, half)
    note(`${clients} clients for ${seconds} s …`)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const figures = await runClients(url, MODEL, seconds)
    delay.disable()
    note('the sampler alone, again …')
    const after = await samplerAlone(model, half)
    const samplerTokensPerSecond = (before + after) / 2
    return {
      clients,
      seconds,
      ...figures,
      samplerTokensPerSecond,
      share: figures.tokensPerSecond / samplerTokensPerSecond,
      eventLoopDelay: { p99: delay.percentile(99) / 1e9, most: delay.max / 1e9 },
    }
  } finally {
    await server.drain(0)
  }
}

/** Tokens a second of whole responses, always `clients` requests at a time. */
async function samplerAlone(
  { policy, tokenizer, renderPrompt }: ThreadedModel,
  load: LoadOptions,
): Promise<number> {
  const until = performance.now() + load.seconds * 1000
  let tokens = 0
  const client = async (_: unknown, number: number) => {
    for (let i = 0; performance.now() < until; i++) {
      const { question, seed, maxTokens, temperature, topP } = askOf(load, number, i)
      const [[sequence] = []] = await policy.sample([
        {
          prompt: tokenizer.encode(renderPrompt(question)),
          samples: 1,
          seed,
          options: { maxTokens, temperature, topP, stopTokens: stopTokens(tokenizer) },
        },
      ])
      if (performance.now() <= until) tokens += sequence!.tokens.length
    }
  }
  await Promise.all(Array.from({ length: load.clients }, client))
  return tokens / load.seconds
}
