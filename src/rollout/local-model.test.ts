import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createOnnxEngine } from '../engine/onnx/onnx-engine.ts'
import { pocketChatFiles } from '../text/pocket-chat-template.ts'
import { pocketTokenizerFiles } from '../text/pocket-tokenizer.ts'
import { renderR1Zero } from '../text/r1-zero-template.ts'
import { tokenizerFromFiles } from '../text/tokenizer.ts'
import { openLocalModel } from './local-model.ts'

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
})
