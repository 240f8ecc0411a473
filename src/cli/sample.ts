/** `r1 sample <model> "question"`: answers one question, token by token as they come. */
import { Command } from 'commander'
import type { Speculation } from '../engine/embedded/speculative-sampler.ts'
import { ConfigError } from '../errors.ts'
import { openModel } from '../loading/local-model.ts'
import { percent } from '../measures/format.ts'
import { responseText, stopTokens } from '../rollout/sample-groups.ts'
import { listenForStop } from '../run/stop.ts'
import { loopNote, loopWatch, SHOWN_TOKENS } from '../text/loops.ts'
import { openedThinking } from '../text/reasoning.ts'
import { visible } from '../text/visible.ts'
import { numberFrom, positiveNumber, wholeNumber } from './config-flags.ts'
import { printJson, printLine, printNote } from './output.ts'
import { type WeightsFlag, weightsOption } from './weights-flag.ts'

interface SampleFlags extends WeightsFlag {
  samples: number
  temperature: number
  topP: number
  maxTokens?: number
  seed: number
  speculate?: boolean
  json?: boolean
}

export function sampleCommand(): Command {
  return new Command('sample')
    .description('Ask a model one question and watch it think.')
    .argument('<model>', 'pocket-base, a run or a model folder')
    .argument('<question>')
    .option('-k, --samples <k>', 'how many responses', positiveNumber, 1)
    .option('--temperature <t>', '0 is greedy', numberFrom(0, 10), 0.6)
    .option('--top-p <p>', 'nucleus', numberFrom(0, 1), 0.95)
    .option('--max-tokens <n>', `length limit (${SHOWN_TOKENS}, or what fits)`, positiveNumber)
    .option('--seed <n>', 'seed of sampling', wholeNumber, 0)
    .option('--speculate', 'let the model draft two tokens at a time, where it can; the text stays the same')
    .addOption(weightsOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  r1 sample pocket-base "Using the numbers 3, 7, 9, make 30"
  r1 sample runs/two "Using the numbers 3, 7, 9, make 30" --samples 4`,
    )
    .action(runSample)
}

async function runSample(path: string, question: string, flags: SampleFlags): Promise<void> {
  const { engine, tokenizer, renderPrompt } = await openModel(path, {
    speculate: flags.speculate ?? false,
    frozen: flags.weights,
  })
  const stop = listenForStop('Stopping.')
  try {
    const rendered = renderPrompt(question)
    const prompt = tokenizer.encode(rendered)
    const { samples, temperature, topP, seed } = flags
    const room = engine.config.maxPositions - prompt.length
    if (room < 1)
      throw new ConfigError('longer than the model can read.', {
        field: 'question',
        value: `${prompt.length} tokens, the prompt around it included`,
        expected: `less than ${engine.config.maxPositions}`,
      })
    const maxTokens = flags.maxTokens ?? Math.min(room, SHOWN_TOKENS)
    const streamed = !flags.json && samples === 1
    const stops = stopTokens(tokenizer)
    const looping = new AbortController()
    const loops = loopWatch()
    const decoder = tokenizer.decoder()
    if (streamed) process.stdout.write(openedThinking(rendered))
    const [responses = []] = await engine.sample([
      {
        prompt,
        samples,
        seed,
        options: { maxTokens, temperature, topP, stopTokens: stops },
        signal: AbortSignal.any([stop.signal, looping.signal]),
        ...(streamed && {
          onToken: (_: number, token: number) => {
            if (!stops.includes(token)) process.stdout.write(visible(decoder.push(token)))
            if (loops(token)) looping.abort()
          },
        }),
      },
    ])
    if (streamed) {
      printLine(decoder.end())
      const [{ tokens, stopReason } = { tokens: [], stopReason: 'stop' }] = responses
      if (looping.signal.aborted) printNote(loopNote(tokens.length))
      else if (stopReason === 'length') printNote(lengthNote(maxTokens, room))
      return reportSpeculation(engine.speculation)
    }
    const answers = responses.map((sequence) => ({
      text: responseText(tokenizer, rendered, sequence),
      tokens: sequence.tokens.length,
      stopReason: sequence.stopReason,
    }))
    const { speculation } = engine
    if (flags.json)
      return printJson({ question, responses: answers, ...(flags.speculate && { speculation }) })
    for (const { text } of answers) printLine(text.trim())
    reportSpeculation(speculation)
  } finally {
    stop.close()
    engine.close()
  }
}

/** Of an answer that was cut off. */
const lengthNote = (maxTokens: number, room: number) =>
  maxTokens < room
    ? `Cut off after ${maxTokens} tokens; --max-tokens allows up to ${room}.`
    : 'Cut off: the model holds no more.'

function reportSpeculation({ drafted, accepted }: Speculation): void {
  if (drafted > 0) printNote(`${percent(accepted / drafted)} of ${drafted} drafts were right.`)
}
