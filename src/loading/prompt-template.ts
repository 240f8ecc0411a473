/** How a model is asked: by its own chat template, or by R1-Zero's. */
import { type ChatMessage, compileChatTemplate } from '../text/chat-template.ts'
import { renderR1Zero } from '../text/r1-zero-template.ts'
import { type Tokenizer, writesFirstToken } from '../text/tokenizer.ts'

/** How a model is spoken to: what its folder has besides weights. */
export interface ModelText extends PromptTemplate {
  folder: string
  tokenizer: Tokenizer
}

export interface PromptTemplate {
  /** The prompt of a user's message: the model's chat template, or R1-Zero's for a model without one. */
  renderPrompt: (message: string) => string
  /**
   * The prompt of a conversation; `variables` are the chat template's own, such as `enable_thinking`. R1-Zero's template has none, and
   * room for one question: the last message of the user.
   */
  renderChat: (messages: readonly ChatMessage[], variables?: Record<string, unknown>) => string
  /** `tags`: answers stand in <answer> tags, as R1-Zero's template asks; `think`: after the thinking. */
  answerForm: 'tags' | 'think'
}

/** How a model with this tokenizer is asked. */
export function promptTemplate(tokenizer: Tokenizer): PromptTemplate {
  const { chatTemplate, bosToken, eosToken } = tokenizer
  if (chatTemplate === undefined) {
    // Chat templates have the first token of a text; R1-Zero's has none.
    const begin = writesFirstToken(tokenizer) ? bosToken! : ''
    const renderPrompt = (message: string) => begin + renderR1Zero(message.replace(/\.$/, ''))
    return {
      renderPrompt,
      renderChat: (messages) => renderPrompt(messages.findLast(({ role }) => role === 'user')?.content ?? ''),
      answerForm: 'tags',
    }
  }
  const render = compileChatTemplate({
    chat_template: chatTemplate,
    ...(bosToken === undefined ? {} : { bos_token: bosToken }),
    ...(eosToken === undefined ? {} : { eos_token: eosToken }),
  })
  const renderPrompt = (content: string) => render([{ role: 'user', content }], { addGenerationPrompt: true })
  return {
    renderPrompt,
    renderChat: (messages, variables = {}) => render(messages, { addGenerationPrompt: true, variables }),
    answerForm: 'think',
  }
}
