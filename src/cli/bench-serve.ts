/** `r1 bench serve`: a server under load, beside its own sampler; with `--url` any OpenAI-compatible server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Command } from 'commander'
import { type ClientFigures, runClients } from '../bench/server-load/clients.ts'
import { type LoadFigures, measureServing } from '../bench/server-load/measure.ts'
import type { LoadOptions } from '../bench/server-load/questions.ts'
import { keyIn } from '../engine/api-key.ts'
import { formatNumber, percent } from '../measures/format.ts'
import { checkEndpoint } from '../responders/check-endpoint.ts'
import { openModelThread } from '../server/openai/model-thread.ts'
import { positiveNumber } from './config-flags.ts'
import { printJson, printNote, printTable } from './output.ts'

interface BenchServeFlags extends LoadOptions {
  model: string
  url?: string
  apiKeyEnv?: string
  json?: boolean
}

export function benchServeCommand(): Command {
  return new Command('serve')
    .description('Stream answers to many clients at a time and compare with the sampler alone.')
    .option('--clients <n>', 'at a time', positiveNumber, 64)
    .option('--seconds <s>', 'how long', positiveNumber, 60)
    .option('--max-tokens <n>', 'limit of one answer', positiveNumber, 256)
    .option('--model <model>', 'what is served, or its name at --url', 'pocket-base')
    .option('--url <url>', 'only the clients, of a server that runs, e.g. http://127.0.0.1:8000/v1')
    .option('--api-key-env <variable>', 'environment variable with the key of --url')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 bench serve\n  r1 bench serve --seconds 10 --json\n  r1 bench serve --url http://127.0.0.1:8000/v1 --model pocket-base',
    )
    .action(runBenchServe)
}

async function runBenchServe(flags: BenchServeFlags): Promise<void> {
  const { model, url, apiKeyEnv, json = false, ...load } = flags
  if (url !== undefined) checkEndpoint({ url, model }, { url: '--url', model: '--model' })
  const apiKey =
    url === undefined || apiKeyEnv === undefined ? undefined : keyIn(apiKeyEnv, url, '--api-key-env')
  const figures =
    url === undefined ? await local(model, load, json) : await runClients({ ...load, url, model, apiKey })
  if (json) printJson(figures)
  else print(figures)
  if (figures.responses === 0) process.exitCode = 1
}

async function local(path: string, load: LoadOptions, json: boolean): Promise<LoadFigures> {
  const model = await openModelThread(path)
  try {
    return await measureServing(
      model,
      load,
      (url, name, seconds) => clientsApart(url, name, { ...load, seconds }),
      (text) => {
        if (!json) printNote(text)
      },
    )
  } finally {
    model.close()
  }
}

/** This command with `--url`, in a process of its own. */
async function clientsApart(url: string, model: string, load: LoadOptions): Promise<ClientFigures> {
  const flags = {
    url,
    model,
    clients: load.clients,
    seconds: Math.ceil(load.seconds),
    'max-tokens': load.maxTokens,
  }
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(process.execPath, [process.argv[1]!, 'bench', 'serve', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await once(child, 'close')
  return JSON.parse(output) as ClientFigures
}

function print(figures: LoadFigures | ClientFigures): void {
  const { responses, lost, problems, tokensPerSecond, firstText, tokensOfClient } = figures
  const milliseconds = (seconds: number) => `${formatNumber(Math.round(seconds * 1000))} ms`
  const rate = (value: number) => `${formatNumber(Math.round(value), 9)} tokens/s`
  const { least, median, most } = tokensOfClient
  printTable(
    [{ name: 'measure' }, { name: 'value', align: 'right' }],
    [
      ['responses', formatNumber(responses, 9)],
      ['  lost', formatNumber(lost, 9)],
      ...Object.entries(problems).map(([message, count]) => [`    ${message}`, String(count)]),
      ['all clients together', rate(tokensPerSecond)],
      ...('share' in figures
        ? [
            ['  the sampler alone', rate(figures.samplerTokensPerSecond)],
            ['  share', percent(figures.share)],
          ]
        : []),
      ['first text, median', milliseconds(firstText.median)],
      ['  95 %', milliseconds(firstText.p95)],
      ['  slowest', milliseconds(firstText.most)],
      ['tokens of a client, least', formatNumber(least, 9)],
      ['  median', formatNumber(median, 9)],
      ['  most', formatNumber(most, 9)],
      ...('eventLoopDelay' in figures
        ? [
            ['event loop late, 99 %', milliseconds(figures.eventLoopDelay.p99)],
            ['  most', milliseconds(figures.eventLoopDelay.most)],
          ]
        : []),
    ],
  )
}
