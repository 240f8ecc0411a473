/** A real trained model, stories260K, tells its story as llama2.c does. */
import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openModel } from '../../src/loading/local-model.ts'
import { convertLlama2c } from '../../tools/llama2c-to-hugging-face.ts'

/** karpathy/tinyllamas' model (MIT) and the greedy story of llama2.c's doc/stories260K.md. */
const FOLDER = join(import.meta.dirname, 'fixtures/stories260K')

it('greedy from the first token: the expected 256 steps, character for character', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'r1-stories-'))
  await convertLlama2c(join(FOLDER, 'stories260K.bin'), join(FOLDER, 'tok512.bin'), folder)
  const { engine, tokenizer } = await openModel(folder)
  const expected = readFileSync(join(FOLDER, 'expected-greedy.txt'), 'utf8').trimEnd()
  const options = { maxTokens: 256, temperature: 0, topP: 1, stopTokens: [1, 2] }
  const [[story] = []] = await engine.sample([{ prompt: Int32Array.of(1), samples: 1, seed: 0, options }])
  const text = tokenizer.decode(story!.tokens, { skipSpecialTokens: true })
  expect(text.trimEnd()).toBe(expected)
  // The tokenizer would have cut the story as the model did.
  expect(Array.from(tokenizer.encode(expected))).toEqual(
    Array.from(story!.tokens).slice(0, tokenizer.encode(expected).length),
  )
  engine.close()
})
