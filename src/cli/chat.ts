/** `r1 chat <model>`: a conversation in the terminal, thinking dimmed. */
import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'
import { Command } from 'commander'
import { type LocalModel, openModel } from '../loading/local-model.ts'
import { hashText } from '../random.ts'
import { streamResponse } from '../rollout/stream-response.ts'
import type { ChatMessage } from '../text/chat-template.ts'
import { opensThinking } from '../text/reasoning.ts'
import { reasoningStream } from '../text/reasoning-stream.ts'
import { visible } from '../text/visible.ts'
import { numberFrom, wholeNumber } from './config-flags.ts'

export interface ChatFlags {
  temperature: number
  topP: number
  seed: number
}

export function chatCommand(): Command {
  return new Command('chat')
    .description(
      `Talk to a model in the terminal. Its thinking is dimmed, and forgotten once it has answered. Ctrl-C stops an
answer; /new starts over, /exit or Ctrl-D ends.`,
    )
    .argument('<model>', 'pocket-base, a run or a model folder')
    .option('--temperature <t>', '0 is greedy', numberFrom(0, 10), 0.6)
    .option('--top-p <p>', 'nucleus', numberFrom(0, 1), 0.95)
    .option('--seed <n>', 'seed of sampling', wholeNumber, 0)
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

async function runChat(path: string, flags: ChatFlags): Promise<void> {
  const model = await openModel(path)
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

const greeting = ({ answerForm }: LocalModel) =>
  answerForm === 'tags'
    ? 'This model has no chat template: each question is asked by itself. Ctrl-C stops an answer, /exit ends.'
    : 'Ctrl-C stops an answer, /new starts over, /exit ends.'

/** Writes the answer as it comes; undefined where the conversation has become too long for the model. */
async function reply(
  { engine, tokenizer, renderChat, answerForm }: LocalModel,
  messages: readonly ChatMessage[],
  { temperature, topP, seed }: ChatFlags,
  signal: AbortSignal,
  { stdout, stderr }: Terminal,
): Promise<string | undefined> {
  const note = (said: string) => stderr.write(`${said}\n`)
  const text = renderChat(messages)
  const prompt = tokenizer.encode(text)
  const maxTokens = engine.config.maxPositions - prompt.length
  if (maxTokens < 1) {
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
  const { stopReason } = await streamResponse(engine, tokenizer, {
    prompt,
    seed: hashText(`${seed}/${messages.length}`),
    sampling: { maxTokens, temperature, topP },
    signal,
    onText: (piece) => show(reasoning.push(piece)),
  })
  show(reasoning.end())
  stdout.write('\n')
  if (stopReason === 'length') note('(cut off: the model holds no more)')
  if (stopReason === 'aborted') note('(stopped)')
  return answer
}
