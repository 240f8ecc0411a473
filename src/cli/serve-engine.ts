/** `r1 serve-engine <model>`: the embedded engine behind the Tinker API, until it is asked to stop. */
import { Command } from 'commander'
import { listenForStop, untilAborted } from '../run/stop.ts'
import { startEngineServer } from '../server/tinker/engine-server.ts'
import { type AddressFlags, addAddressFlags, warnOfStrangers } from './address-flags.ts'
import { positiveNumber } from './config-flags.ts'
import { printJson, printLine } from './output.ts'

interface ServeEngineFlags extends AddressFlags {
  checkpoints: string
  queue: number
  models: number
  sessionTimeout: number
  json?: boolean
}

export function serveEngineCommand(): Command {
  const command = new Command('serve-engine')
    .description('Serve the embedded engine over the Tinker API: training, sampling, checkpoints.')
    .argument('<model>', 'base model: pocket-base, a run or a model folder')
  return addAddressFlags(command, 8000, 'ask clients for this key, as X-API-Key')
    .option('--checkpoints <folder>', 'where saved weights are kept', 'engine-checkpoints')
    .option('--queue <n>', 'requests in progress before sampling is refused with 429', positiveNumber, 4096)
    .option('--models <n>', 'models that clients train at the same time', positiveNumber, 32)
    .option(
      '--session-timeout <seconds>',
      'seconds of silence after which the models of a client are unloaded',
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
  const { sessionTimeout: sessionSeconds, json, ...rest } = flags
  const stop = listenForStop('Closing.')
  try {
    const server = await startEngineServer({ ...rest, base: model, sessionSeconds })
    if (json) printJson({ url: server.url, model, pid: process.pid })
    else printLine(`Tinker API at ${server.url} (model ${model}, weights in ${flags.checkpoints})`)
    warnOfStrangers(flags)
    await untilAborted(stop.signal)
    await server.close()
  } finally {
    stop.close()
  }
}
