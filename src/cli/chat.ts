/** `r1 chat <model>`: a conversation in the terminal, thinking dimmed. */
import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'
import { Command } from 'commander'
import { type LocalModel, openModel } from '../loading/local-model.ts'
import { hashText } from '../random.ts'
import { streamResponse } from '../rollout/stream-response.ts'
import type { ChatMessage } from '../text/chat-template.ts'
import { loopNote, loopWatch, SHOWN_TOKENS } from '../text/loops.ts'
import { abilitiesOf } from '../text/pocket-abilities.ts'
import { opensThinking } from '../text/reasoning.ts'
import { reasoningStream } from '../text/reasoning-stream.ts'
import { visible } from '../text/visible.ts'
import { numberFrom, positiveNumber, wholeNumber } from './config-flags.ts'
import { type WeightsFlag, weightsOption } from './weights-flag.ts'

export interface ChatFlags {
  temperature: number
  topP: number
  maxTokens: number
  seed: number
}

export function chatCommand(): Command {
  return new Command('chat')
    .description(
      `Talk to a model in the terminal. The thinking is dimmed, and later questions do not see it. Ctrl-C stops an
answer; /help lists the commands.`,
    )
    .argument('<model>', 'pocket-base, a run or a model folder')
    .option('--temperature <t>', '0 is greedy', numberFrom(0, 10), 0.6)
    .option('--top-p <p>', 'nucleus', numberFrom(0, 1), 0.95)
    .option('--max-tokens <n>', 'length limit of an answer', positiveNumber, SHOWN_TOKENS)
    .option('--seed <n>', 'seed of sampling', wholeNumber, 0)
    .addOption(weightsOption())
    .addHelpText(
      'after',
      `
Examples:
  r1 chat pocket-base
  r1 chat runs/two --temperature 0
  echo "Using the numbers 3, 7, 9, make 30" | r1 chat pocket-base`,
    )
    .action(runChat)
}

async function runChat(path: string, flags: ChatFlags & WeightsFlag): Promise<void> {
  const model = await openModel(path, { frozen: flags.weights })
  try {
    await converse(model, flags, process)
  } finally {
    model.engine.close()
  }
}

/** Where the conversation is read and written; notes about it go to stderr. */
export type Terminal = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>

/** Until /exit or the end of what is said. */
export async function converse(model: LocalModel, flags: ChatFlags, terminal: Terminal): Promise<void> {
  const { stdin, stdout, stderr } = terminal
  const interactive = stdin.isTTY && stdout.isTTY
  const lines = createInterface({ input: stdin, output: stdout, terminal: interactive })
  lines.setPrompt(styleText('bold', '> ', { stream: stdout }))
  if (interactive) stderr.write(`${greeting(model)}\n`)
  let open = interactive
  lines.on('close', () => {
    open = false
  })
  const prompt = () => {
    if (open) lines.prompt()
  }

  /** Stops the answer that is being given. */
  let stop: AbortController | undefined
  lines.on('SIGINT', () => {
    if (stop === undefined) lines.close()
    else stop.abort()
  })
  const messages: ChatMessage[] = []
  prompt()
  for await (const line of lines) {
    const said = line.trim()
    if (said === '/exit') break
    if (said === '/new') messages.length = 0
    else if (said === '/help') stderr.write(`${help(model)}\n`)
    else if (/^\/\w+$/.test(said)) stderr.write(`There is no ${said}; /help lists the commands.\n`)
    else if (said !== '') {
      messages.push({ role: 'user', content: said })
      stop = new AbortController()
      const answer = await reply(model, messages, flags, stop.signal, terminal)
      stop = undefined
      if (answer === undefined) messages.length = 0
      else messages.push({ role: 'assistant', content: answer })
    }
    prompt()
  }
  lines.close()
}

const greeting = (model: LocalModel) => [...abilities(model), '/help lists the commands.'].join('\n')

const help = (model: LocalModel) =>
  [
    ...abilities(model),
    '/new      starts over: the model forgets what was said',
    '/exit     ends; so does Ctrl-D',
    'Ctrl-C    stops an answer',
  ].join('\n')

/** What it can be asked, and how. */
function abilities({ tokenizer, answerForm }: LocalModel): string[] {
  const known = abilitiesOf(tokenizer)
  return [
    ...(known === undefined ? [] : [known.summary, ...known.examples.map((example) => `  ${example}`)]),
    ...(answerForm === 'tags' ? ['It has no chat template: each question is asked by itself.'] : []),
  ]
}

/** Writes the answer as it comes; undefined where the conversation has become too long for the model. */
async function reply(
  { engine, tokenizer, renderChat, answerForm }: LocalModel,
  messages: readonly ChatMessage[],
  { temperature, topP, maxTokens, seed }: ChatFlags,
  signal: AbortSignal,
  { stdout, stderr }: Terminal,
): Promise<string | undefined> {
  const note = (said: string) => stderr.write(`${said}\n`)
  const text = renderChat(messages)
  const prompt = tokenizer.encode(text)
  const room = engine.config.maxPositions - prompt.length
  if (room < 1) {
    note(`The conversation has ${prompt.length} tokens, more than the model can hold; it starts over.`)
    return undefined
  }
  const reasoning = reasoningStream({ opened: opensThinking(text), answerTags: answerForm === 'tags' })
  let answer = ''
  let thought = false
  const show = (pieces: ReturnType<typeof reasoning.push>) => {
    for (const { kind, text: piece } of pieces) {
      if (kind === 'thinking') {
        thought = true
        stdout.write(styleText('dim', visible(piece), { stream: stdout }))
        continue
      }
      if (answer === '' && thought) stdout.write('\n\n')
      answer += piece
      stdout.write(visible(piece))
    }
  }
  const looping = new AbortController()
  const loops = loopWatch()
  const { stopReason, numTokens } = await streamResponse(engine, tokenizer, {
    prompt,
    seed: hashText(`${seed}/${messages.length}`),
    sampling: { maxTokens: Math.min(room, maxTokens), temperature, topP },
    signal: AbortSignal.any([signal, looping.signal]),
    onText(piece, token) {
      show(reasoning.push(piece))
      if (token !== undefined && loops(token.token)) looping.abort()
    },
  })
  show(reasoning.end())
  stdout.write('\n')
  if (looping.signal.aborted) note(`(${loopNote(numTokens)})`)
  else if (stopReason === 'length')
    note(
      room > maxTokens
        ? `(cut off after ${maxTokens} tokens; --max-tokens allows more)`
        : '(cut off: the model holds no more)',
    )
  else if (stopReason === 'aborted') note('(stopped)')
  return answer
}
