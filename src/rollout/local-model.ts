/** A model on this machine: engine, tokenizer and prompt template from a model folder, or from a run's newest weights. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readModelConfig } from '../engine/onnx/checkpoint.ts'
import { createOnnxEngine, type OnnxEngine, type OnnxEngineOptions } from '../engine/onnx/onnx-engine.ts'
import { CheckpointError } from '../errors.ts'
import { newestCheckpoint } from '../run/checkpoint.ts'
import { checkpointsOf } from '../run/folder.ts'
import { type ChatMessage, compileChatTemplate } from '../text/chat-template.ts'
import { renderR1Zero } from '../text/r1-zero-template.ts'
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.ts'

export interface LocalModel {
  folder: string
  engine: OnnxEngine
  tokenizer: Tokenizer
  /** The prompt of a user's message: the model's chat template, or R1-Zero's for a model without one. */
  renderPrompt: (message: string) => string
  /** The prompt of a conversation. R1-Zero's template has room for one question: the last message of the user. */
  renderChat: (messages: readonly ChatMessage[]) => string
  /** `tags`: answers stand in <answer> tags, as R1-Zero's template asks; `think`: after the thinking. */
  answerForm: 'tags' | 'think'
}

export type LocalModelOptions = Omit<OnnxEngineOptions, 'config' | 'weights' | 'companionFiles'>

export async function openLocalModel(path: string, options: LocalModelOptions = {}): Promise<LocalModel> {
  const folder = await modelFolder(path)
  const config = await readModelConfig(folder)
  const tokenizer = await loadTokenizer(folder)
  if (tokenizer.vocabSize > config.vocabularySize)
    throw new CheckpointError('tokenizer and weights do not belong together.', {
      field: join(folder, 'tokenizer.json'),
      value: tokenizer.vocabSize,
      expected: `at most ${config.vocabularySize} tokens, the rows of the embedding`,
    })
  const engine = createOnnxEngine({ ...options, config, companionFiles: tokenizer.files })
  await engine.load(folder)
  const { chatTemplate, bosToken, eosToken } = tokenizer
  if (chatTemplate === undefined) {
    const renderPrompt = (message: string) => renderR1Zero(message.replace(/\.$/, ''))
    return {
      folder,
      engine,
      tokenizer,
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
  return {
    folder,
    engine,
    tokenizer,
    renderPrompt: (content) => render([{ role: 'user', content }], { addGenerationPrompt: true }),
    renderChat: (messages) => render(messages, { addGenerationPrompt: true }),
    answerForm: 'think',
  }
}

/** Throws where there is no model with a config and a tokenizer at this path. */
export async function checkLocalModel(path: string): Promise<void> {
  const folder = await modelFolder(path)
  await readModelConfig(folder)
  await loadTokenizer(folder)
}

/** Models that come with the package: `pocket-base`. */
const SHIPPED = join(import.meta.dirname, '../../models')

/**
 * A model folder or a GGUF file as it is; of a run its finished model, or its newest whole checkpoint; or a shipped
 * model's name.
 */
export async function modelFolder(path: string): Promise<string> {
  if (!existsSync(path) && existsSync(join(SHIPPED, path, 'config.json'))) return join(SHIPPED, path)
  if (existsSync(join(path, 'model', 'config.json'))) return join(path, 'model')
  if (existsSync(checkpointsOf(path))) {
    const { checkpoint } = await newestCheckpoint(checkpointsOf(path))
    if (checkpoint !== undefined) return checkpoint.folder
  }
  if (!existsSync(path))
    throw new CheckpointError('there is nothing here.', {
      field: path,
      expected: 'a model folder, a .gguf file or a run',
      remedy: 'List the runs with: r1 runs',
    })
  return path
}
