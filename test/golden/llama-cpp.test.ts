/**
 * Exported GGUF files in llama.cpp: the same greedy tokens. llama.cpp comes from node-llama-cpp, which is no
 * dependency since it brings 700 MB of CUDA and Vulkan builds:
 *
 *     npm install --no-save --ignore-scripts node-llama-cpp && npx vitest run test/golden/llama-cpp.test.ts
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { exportModel } from '../../src/cli/export-model.ts'
import { loadTokenizer } from '../../src/text/load-tokenizer.ts'
import { convertLlama2c } from '../../tools/llama2c-to-hugging-face.ts'

const installed = existsSync(resolve(import.meta.dirname, '../../node_modules/node-llama-cpp'))
const root = mkdtempSync(join(tmpdir(), 'r1-llama-cpp-'))
const STORIES = join(import.meta.dirname, 'fixtures/stories260K')

async function llamaCpp(path: string, prompt: number[], count: number, texts: string[] = []) {
  const script = join(import.meta.dirname, 'llama-cpp-process.ts')
  const asked = JSON.stringify({ path, prompt, count, texts })
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, asked])
  return JSON.parse(stdout) as { tokens: number[]; ids: number[][] }
}

if (!installed) it.skip('llama.cpp reads what we export: node-llama-cpp is not installed')
else
  describe('llama.cpp', () => {
    it.each([
      'llama-tiny',
      'qwen2-tiny',
      'qwen2-tied-tiny',
      'qwen3-tiny',
      'qwen3-tied-tiny',
      'qwen3-moe-tiny',
      'smollm3-tiny',
      'gemma3-tiny',
    ])('%s: the greedy tokens of transformers', async (name) => {
      const folder = join(import.meta.dirname, 'fixtures', name)
      const { greedy } = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as {
        greedy: { prompt: number[]; tokens: number[] }
      }
      const path = join(root, `${name}.gguf`)
      await exportModel(folder, 'gguf', { output: path })
      const { tokens } = await llamaCpp(path, greedy.prompt, greedy.tokens.length)
      // It ends at a stop token, which the fixture goes past.
      expect(tokens).toEqual(greedy.tokens.slice(0, tokens.length))
      expect(tokens.length).toBeGreaterThan(20)
    })

    it('stories260K: its expected story, and the tokens of any text', async () => {
      const folder = join(root, 'stories')
      await convertLlama2c(join(STORIES, 'stories260K.bin'), join(STORIES, 'tok512.bin'), folder)
      const path = join(root, 'stories.gguf')
      await exportModel(folder, 'gguf', { output: path })
      const tokenizer = await loadTokenizer(path)
      const expected = readFileSync(join(STORIES, 'expected-greedy.txt'), 'utf8').trimEnd()
      const texts = [expected, 'two  spaces\n\tand café 答案 🙂']
      const { tokens, ids } = await llamaCpp(path, [1], 256, texts)
      expect(tokenizer.decode(tokens, { skipSpecialTokens: true }).trimEnd()).toBe(expected)
      expect(ids).toEqual(texts.map((text) => Array.from(tokenizer.encode(text))))
    })
  })
