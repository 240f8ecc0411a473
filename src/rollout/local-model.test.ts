import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createOnnxEngine } from '../engine/onnx/onnx-engine.ts'
import { R1_CHAT_TEMPLATE } from '../text/chat-template.ts'
import { pocketChatFiles } from '../text/pocket-chat-template.ts'
import { pocketTokenizerFiles } from '../text/pocket-tokenizer.ts'
import { renderR1Zero } from '../text/r1-zero-template.ts'
import { opensThinking } from '../text/reasoning.ts'
import { tokenizerFromFiles, withChatTemplate } from '../text/tokenizer.ts'
import { openLocalModel, promptTemplate } from './local-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-local-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function saved(name: string, companionFiles: Record<string, string>) {
  const engine = createOnnxEngine({
    config: {
      architecture: 'qwen2',
      vocabularySize: tokenizerFromFiles(companionFiles).vocabSize,
      hiddenSize: 16,
      intermediateSize: 16,
      numLayers: 1,
      numHeads: 2,
      numKeyValueHeads: 2,
      headSize: 8,
      maxPositions: 64,
      rmsNormEpsilon: 1e-6,
      ropeTheta: 10_000,
      attentionBias: true,
      tieEmbeddings: true,
    },
    companionFiles,
  })
  await engine.save(join(folder, name))
  engine.close()
  return join(folder, name)
}

describe('a saved pocket model', () => {
  it.each([
    ['with a chat template', pocketChatFiles(), 'think', 'User: Compute 3 + 4. Assistant:'],
    ['without one', pocketTokenizerFiles(), 'tags', renderR1Zero('Compute 3 + 4')],
  ])('%s is asked in its form', async (name, files, answerForm, prompt) => {
    const model = await openLocalModel(await saved(name, files))
    expect(model.answerForm).toBe(answerForm)
    for (const asked of ['Compute 3 + 4', 'Compute 3 + 4.']) expect(model.renderPrompt(asked)).toBe(prompt)
    model.engine.close()
  })

  it('is asked as R1-Zero where its own template is not wanted, and is saved so', async () => {
    const model = await openLocalModel(await saved('chat', pocketChatFiles()), { chatTemplate: null })
    expect(model).toMatchObject({ answerForm: 'tags' })
    await model.engine.save(join(folder, 'zero'))
    model.engine.close()
    const again = await openLocalModel(join(folder, 'zero'))
    expect(again.renderPrompt('Compute 3 + 4')).toBe(renderR1Zero('Compute 3 + 4'))
    again.engine.close()
  })
})

describe('promptTemplate', () => {
  const files = pocketTokenizerFiles()
  const config = (more: object) => ({
    ...files,
    'tokenizer_config.json': JSON.stringify({ ...JSON.parse(files['tokenizer_config.json']!), ...more }),
  })

  it("knows R1's form, whose template opens the thinking, and R1-Zero's", () => {
    const tokenizer = tokenizerFromFiles(config({ chat_template: R1_CHAT_TEMPLATE, bos_token: '<|end|>' }))
    const { renderPrompt, answerForm } = promptTemplate(tokenizer)
    expect([answerForm, opensThinking(renderPrompt('1'))]).toEqual(['think', true])
    expect(promptTemplate(withChatTemplate(tokenizer, null))).toMatchObject({ answerForm: 'tags' })
  })
})
