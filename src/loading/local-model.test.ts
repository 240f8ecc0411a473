import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import { saveCheckpoint } from '../run/checkpoint.ts'
import { checkpointsOf } from '../run/folder.ts'
import { R1_CHAT_TEMPLATE, withoutThinking } from '../text/chat-template.ts'
import { POCKET_CHAT_TEMPLATE } from '../text/pocket-chat-template.ts'
import { pocketTokenizerFiles } from '../text/pocket-tokenizer.ts'
import { renderR1Zero } from '../text/r1-zero-template.ts'
import { opensThinking } from '../text/reasoning.ts'
import { tokenizerFromFiles, withChatTemplate } from '../text/tokenizer.ts'
import { checkLocalModel, modelFolder, openModel } from './local-model.ts'
import { promptTemplate } from './prompt-template.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-local-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function saved(name: string, companionFiles: Record<string, string>) {
  const engine = createEmbeddedEngine({
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

const chatFiles = withChatTemplate(tokenizerFromFiles(pocketTokenizerFiles()), POCKET_CHAT_TEMPLATE).files

describe('a saved pocket model', () => {
  it.each([
    ['with a chat template', chatFiles, 'think', 'User: Compute 3 + 4. Assistant:'],
    ['without one', pocketTokenizerFiles(), 'tags', renderR1Zero('Compute 3 + 4')],
  ])('%s is asked in its form', async (name, files, answerForm, prompt) => {
    const model = await openModel(await saved(name, files))
    expect(model.answerForm).toBe(answerForm)
    for (const asked of ['Compute 3 + 4', 'Compute 3 + 4.']) expect(model.renderPrompt(asked)).toBe(prompt)
    model.engine.close()
  })

  it('is asked as R1-Zero where its own template is not wanted, and is saved so', async () => {
    const model = await openModel(await saved('chat', chatFiles), { chatTemplate: null })
    expect(model).toMatchObject({ answerForm: 'tags' })
    await model.engine.save(join(folder, 'zero'))
    model.engine.close()
    const again = await openModel(join(folder, 'zero'))
    expect(again.renderPrompt('Compute 3 + 4')).toBe(renderR1Zero('Compute 3 + 4'))
    again.engine.close()
  })
})

describe('an adapter', () => {
  const lora = { rank: 2, alpha: 4, targets: ['all-linear'] }

  it('is continued as it is, and not with other settings', async () => {
    const base = await saved('base', pocketTokenizerFiles())
    const adapter = join(folder, 'adapter')
    const first = await openModel(base, { lora })
    await first.engine.save(adapter)
    first.engine.close()
    for (const given of [undefined, lora]) {
      expect(await checkLocalModel(adapter, given)).toBe(64)
      const { engine } = await openModel(adapter, { lora: given })
      expect(engine.adapter!.settings).toMatchObject({ rank: 2, alpha: 4 })
      engine.close()
    }
    const other = { ...lora, rank: 8 }
    for (const opening of [checkLocalModel(adapter, other), openModel(adapter, { lora: other })])
      await expect(opening).rejects.toThrow(/^lora\.rank is 8: .*Expected 2, as in .*adapter/)
  })
})

describe('a run', () => {
  it.each([
    ['model.safetensors', undefined],
    ['adapter_model.safetensors', { rank: 2, alpha: 4, targets: ['all-linear'] }],
  ])('is its checkpoint where its model is half written: %s', async (weights, lora) => {
    const run = join(folder, `run-${weights}`)
    const { engine } = await openModel(await saved('whole', pocketTokenizerFiles()), { lora })
    const { folder: checkpoint } = await saveCheckpoint({
      checkpoints: checkpointsOf(run),
      step: 1,
      state: {},
      keep: 1,
      write: (into) => engine.save(into),
    })
    // A folder in place of the weights, which then cannot be written.
    mkdirSync(join(run, 'model', weights), { recursive: true })
    await expect(engine.save(join(run, 'model'))).rejects.toThrow()
    expect(await modelFolder(run)).toBe(checkpoint)
    rmSync(join(run, 'model', weights), { recursive: true })
    await engine.save(join(run, 'model'))
    expect(await modelFolder(run)).toBe(join(run, 'model'))
    engine.close()
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

  it("hands a template its own variables, such as Qwen3's", () => {
    const template = '{{ messages[0].content }}{% if enable_thinking is false %}<think></think>{% endif %}'
    const { renderChat } = promptTemplate(tokenizerFromFiles(config({ chat_template: template })))
    const messages = [{ role: 'user', content: 'Hi' }]
    expect(renderChat(messages)).toBe('Hi')
    expect(renderChat(messages, { enable_thinking: false })).toBe('Hi<think></think>')
    const off = promptTemplate(tokenizerFromFiles(config({ chat_template: withoutThinking(template) })))
    expect(off.renderPrompt('Hi')).toBe('Hi<think></think>')
    expect(off.renderChat(messages, { enable_thinking: true })).toBe('Hi')
  })
})

it.each([
  ['Qwen/Qwen3-0.6B', /r1 pull Qwen\/Qwen3-0\.6B\. .* models\/Qwen3-0\.6B/],
  ['runs/none', /r1 runs$/],
])('a model that is not there: %s', async (path, remedy) => {
  await expect(openModel(path)).rejects.toThrow(remedy)
})
