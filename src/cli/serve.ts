/** `r1 serve <models…>`: an OpenAI-compatible server with the page, until it is asked to stop. */
import { Command, Option } from 'commander'
import { listenForStop, untilAborted } from '../run/stop.ts'
import type { ReasoningForm } from '../server/openai/chat.ts'
import { modelSources, openServedModel, type ServedModel } from '../server/openai/served-model.ts'
import { startServer } from '../server/server.ts'
import { type AddressFlags, addAddressFlags, refuseStrangers, warnOfStrangers } from './address-flags.ts'
import { numberFrom, wholeNumber } from './config-flags.ts'
import { printJson, printLine } from './output.ts'
import { resumeCommandOf } from './run-command.ts'
import { trainingsIn } from './trainings.ts'
import { type WeightsFlag, weightsOption } from './weights-flag.ts'

interface ServeFlags extends AddressFlags, WeightsFlag {
  reasoning: ReasoningForm
  queue: number
  drain: number
  runs: string
  evaluations: string
  allowTraining?: boolean
  json?: boolean
}

export function serveCommand(): Command {
  const command = new Command('serve')
    .description(
      `Serve models to any OpenAI client, with a page to chat with them and to watch runs. Requests are sampled
together; the same seed gives the same text whatever else is being answered.`,
    )
    .argument('<models...>', 'pocket-base, runs or model folders; name=path names one')
  return addAddressFlags(command, 8000)
    .addOption(
      new Option('--reasoning <form>', 'thinking in reasoning_content, or in <think> tags in the text')
        .choices(['separate', 'inline'])
        .default('separate'),
    )
    .option('--queue <n>', 'requests that may wait before further ones get 429', wholeNumber, 256)
    .option(
      '--drain <seconds>',
      'how long running responses may continue after SIGTERM',
      numberFrom(0, 86_400),
      30,
    )
    .addOption(weightsOption())
    .option('--runs <folder>', 'runs that the page shows', 'runs')
    .option('--evaluations <folder>', 'results of r1 eval that the page shows', 'evaluations')
    .option('--allow-training', 'let the page start, stop and resume runs; on this machine, or with a key')
    .option('--json', 'print one JSON object once it listens')
    .addHelpText(
      'after',
      `
Examples:
  r1 serve pocket-base
  r1 serve base=pocket-base r1=runs/two --port 8080
  curl http://127.0.0.1:8000/v1/chat/completions -H 'content-type: application/json' -d '{
    "model": "pocket-base", "stream": true,
    "messages": [{"role": "user", "content": "Using the numbers 3, 7, 9, make 30"}]}'`,
    )
    .action(runServe)
}

async function runServe(targets: string[], flags: ServeFlags): Promise<void> {
  const { port, host, reasoning, queue, apiKey, drain, runs, evaluations, allowTraining, json } = flags
  if (allowTraining) refuseStrangers(flags, '--allow-training')
  const trainings = allowTraining ? trainingsIn(runs) : undefined
  const sources = modelSources(targets)
  const models: ServedModel[] = []
  const stop = listenForStop(`Closing when running responses have ended, or in ${drain} s.`)
  try {
    for (const source of sources) models.push(await openServedModel(source, queue, flags.weights))
    const server = await startServer({
      ...{ models, reasoning, runs, evaluations, port, host, apiKey, trainings },
      resumeCommand: resumeCommandOf,
    })
    if (json) printJson({ url: server.url, models: models.map(({ id }) => id), pid: process.pid })
    else {
      printLine(`Page   ${server.url}`)
      printLine(`API    ${server.url}/v1   (models: ${models.map(({ id }) => id).join(', ')})`)
    }
    warnOfStrangers(flags)
    await untilAborted(stop.signal)
    await server.drain(drain)
  } finally {
    stop.close()
    for (const { model } of models) model.close()
  }
}
