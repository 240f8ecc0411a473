/**
 * Turns messages into the text a chat model was trained on: the Jinja template of a checkpoint's
 * `tokenizer_config.json`, rendered as transformers does, or R1's own, as DeepSeek released it. Left out: images and
 * other content that is not text.
 */
import { CheckpointError, DataError } from '../errors.ts'
import { renderTemplate } from './jinja/render.ts'
import { parseTemplate, type Statement } from './jinja/syntax.ts'
import { WorkSpent } from './jinja/work.ts'

/** Published templates have up to 20,000. */
const LONGEST_TEMPLATE = 500_000

export interface ChatMessage {
  role: string
  content: string | null
  tool_calls?: { type?: string; function: { name: string; arguments: string } }[]
}

/** The fields of `tokenizer_config.json` that templates use; the rest of the file passes through. */
export interface TokenizerConfig {
  /** One template, or several by name as older files have. */
  chat_template?: string | { name: string; template: string }[] | null
  bos_token?: string | { content: string } | null
  eos_token?: string | { content: string } | null
  [field: string]: unknown
}

export interface ChatTemplateOptions {
  /** Ends the text where the assistant is to speak. */
  addGenerationPrompt?: boolean
  /** Functions the model may call, in the form the template expects. */
  tools?: unknown[]
  /** Further template variables, such as `enable_thinking`. */
  variables?: Record<string, unknown>
}

export type ChatTemplate = (messages: readonly ChatMessage[], options?: ChatTemplateOptions) => string

/**
 * R1's template as released in February 2025: no role words, no newlines between turns, the system prompt right
 * after the first token, `<think>\n` already written for the answer to come, and of past answers only what follows
 * the thinking. Tool calls and their results are rendered as the release does.
 */
export const R1_CHAT_TEMPLATE = `{{ bos_token }}
{%- for message in messages if message.role == 'system' %}{{ message.content }}{% endfor %}
{%- set turn = namespace(tools=false) %}
{%- for message in messages %}
{%- if message.role == 'tool' %}
{{- '\\n' if turn.tools else '<｜tool▁outputs▁begin｜>' }}<｜tool▁output▁begin｜>{{ message.content }}<｜tool▁output▁end｜>
{%- set turn.tools = true %}
{%- else %}
{%- set continues = turn.tools %}
{%- if turn.tools %}<｜tool▁outputs▁end｜>{% endif %}
{%- set turn.tools = false %}
{%- if message.role == 'user' %}<｜User｜>{{ message.content }}
{%- elif message.role == 'assistant' %}
{%- if not continues %}<｜Assistant｜>{% endif %}
{%- if message.content %}{{ message.content.split('</think>')[-1] }}{% endif %}
{%- if message.tool_calls %}<｜tool▁calls▁begin｜>
{%- for call in message.tool_calls %}
{{- '' if loop.first else '\\n' }}<｜tool▁call▁begin｜>{{ call.type or 'function' }}<｜tool▁sep｜>{{ call.function.name }}{{ '\\n\`\`\`json\\n' }}{{ call.function.arguments }}{{ '\\n\`\`\`' }}<｜tool▁call▁end｜>
{%- endfor %}<｜tool▁calls▁end｜>{% endif %}<｜end▁of▁sentence｜>
{%- elif message.role != 'system' %}{{ raise_exception('no place for the role ' + message.role) }}
{%- endif %}
{%- endif %}
{%- endfor %}
{%- if turn.tools %}<｜tool▁outputs▁end｜>
{%- elif add_generation_prompt %}<｜Assistant｜>{{ '<think>\\n' }}{% endif %}`

/** A template whose model does not think unless a variable says otherwise: Qwen3's and SmolLM3's know `enable_thinking`. */
export const withoutThinking = (template: string): string =>
  // The first newline after a block is no text.
  `{%- if enable_thinking is not defined %}{% set enable_thinking = false %}{% endif %}\n${template}`

/**
 * Compiles the template once; `place` names the file in errors. Throws CheckpointError where there is no usable
 * template; the returned function throws DataError where the template refuses the messages.
 */
export function compileChatTemplate(config: TokenizerConfig, place = 'tokenizer_config.json'): ChatTemplate {
  const source = templateText(config, place)
  const field = `${place} chat_template`
  const broken = (what: string, cause?: unknown) =>
    new CheckpointError(what, {
      field,
      remedy: 'Take the tokenizer files of the original checkpoint.',
      ...(cause === undefined ? {} : { cause }),
    })
  if (source.length > LONGEST_TEMPLATE)
    throw broken(`the template has ${source.length} characters; at most ${LONGEST_TEMPLATE} are read.`)
  let template: Statement[]
  try {
    template = parseTemplate(source)
  } catch (cause) {
    throw broken(`not a valid Jinja template (${message(cause)}).`, cause)
  }
  const tokens = Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => name.endsWith('_token'))
      .map(([name, token]) => [name, tokenText(token)])
      .filter(([, token]) => token !== undefined),
  )
  return (messages, { addGenerationPrompt = false, tools, variables } = {}) => {
    try {
      return renderTemplate(template, {
        ...tokens,
        tools: tools ?? null,
        documents: null,
        ...variables,
        messages,
        add_generation_prompt: addGenerationPrompt,
      })
    } catch (cause) {
      if (cause instanceof WorkSpent) throw broken(`the template takes ${message(cause)}.`, cause)
      if (cause instanceof RangeError) throw broken('the template nests without end.', cause)
      const roles = messages.map(({ role }) => role).join(', ') || 'none'
      throw new DataError(`the template refused the messages (roles: ${roles}): ${message(cause)}.`, {
        field,
        remedy: 'Change the messages to what this model accepts.',
        cause,
      })
    }
  }
}

function templateText({ chat_template: found }: TokenizerConfig, place: string): string {
  if (typeof found === 'string') return found
  const chosen = Array.isArray(found)
    ? (found.find(({ name }) => name === 'default') ?? (found.length === 1 ? found[0] : undefined))
    : undefined
  if (typeof chosen?.template === 'string') return chosen.template
  throw new CheckpointError('no chat template.', {
    field: place,
    expected: 'a chat_template, either text or a list with one named "default"',
    remedy: 'A base model has none: ask it with the R1-Zero template instead.',
  })
}

function tokenText(token: unknown): string | undefined {
  if (typeof token === 'string') return token
  const content = (token as { content?: unknown } | null)?.content
  return typeof content === 'string' ? content : undefined
}

function message(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}
