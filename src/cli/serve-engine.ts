/** `r1 serve-engine <model>`: the embedded engine behind the Tinker API, until it is asked to stop. */
import { Command, Option } from 'commander'
import { listenForStop } from '../run/stop.ts'
import { isLoopback } from '../server/guards.ts'
import { startEngineServer } from '../server/tinker/engine-server.ts'
import { positiveNumber, wholeNumber } from './config-flags.ts'
import { printJson, printLine, printNote } from './output.ts'

interface ServeEngineFlags {
  port: number
  host: string
  checkpoints: string
  apiKey?: string
  strict?: boolean
  queue: number
  sessionTimeout: number
  json?: boolean
}

export function serveEngineCommand(): Command {
  return new Command('serve-engine')
    .description('Serve the embedded engine over the Tinker API: training, sampling, checkpoints.')
    .argument('<model>', 'base model: pocket-base, a run or a model folder')
    .option('-p, --port <port>', '0 takes any that is free', wholeNumber, 8000)
    .option('--host <address>', 'where to listen; 0.0.0.0 for the whole network', '127.0.0.1')
    .option('--checkpoints <folder>', 'where saved weights are kept', 'engine-checkpoints')
    .addOption(new Option('--api-key <key>', 'ask clients for this key, as X-API-Key').env('R1_API_KEY'))
    .option('--strict', "answer as SkyRL's jax back end does where it differs, to test clients")
    .option('--queue <n>', 'requests under way before sampling is refused with 429', positiveNumber, 4096)
    .option(
      '--session-timeout <seconds>',
      'unload the models of a client that was silent for so long',
      positiveNumber,
      300,
    )
    .option('--json', 'print one JSON object once it listens')
    .addHelpText(
      'after',
      `
Examples:
  r1 serve-engine pocket-base
  r1 train r1-zero --engine http://127.0.0.1:8000
  TINKER_BASE_URL=http://127.0.0.1:8000 TINKER_API_KEY=tml-any python my_training.py`,
    )
    .action(runServeEngine)
}

async function runServeEngine(model: string, flags: ServeEngineFlags): Promise<void> {
  const { sessionTimeout: sessionSeconds, json, strict = false, ...rest } = flags
  const stop = listenForStop('Closing.')
  try {
    const server = await startEngineServer({ ...rest, base: model, strict, sessionSeconds })
    if (json) printJson({ url: server.url, model, pid: process.pid })
    else printLine(`Tinker API at ${server.url} (model ${model}, weights in ${flags.checkpoints})`)
    if (flags.apiKey === undefined && !isLoopback(flags.host))
      printNote('Everybody who reaches this address may use it; --api-key asks for a key.')
    await new Promise<void>((stopped) => {
      if (stop.signal.aborted) stopped()
      else stop.signal.addEventListener('abort', () => stopped(), { once: true })
    })
    await server.close()
  } finally {
    stop.close()
  }
}
