import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { r1ZeroConfig } from '../recipes/r1-zero.ts'
import { createRun, type RunInfo } from '../run/folder.ts'
import { resultsCommand } from './results.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-results-'))
afterAll(() => rmSync(root, { recursive: true }))

async function makeRun(name: string, info: Partial<RunInfo>, evaluations: string[]): Promise<string> {
  const folder = join(root, name)
  const common = { recipe: 'r1-zero', version: '0', seed: 1, created: '2026-11-23', config: {}, sources: {} }
  const run = await createRun(folder, { ...common, ...info })
  run.log({ step: 1, accuracy: 0.3, meanTokens: 60 })
  for (const evaluation of evaluations)
    await run.writeEvaluation(evaluation, { n: 8, samples: 4, pass1: 0.2, meanTokens: 50 })
  await run.finish({ seconds: 20 })
  run.close()
  return folder
}
const results = (...args: string[]) => resultsCommand().parseAsync(args, { from: 'user' })

describe('r1 results', () => {
  beforeAll(() => {
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
    return () => vi.restoreAllMocks()
  })

  it("says the run's own model, decoding and command", async () => {
    const evaluation = { temperature: 1, topP: 0.5 }
    const config = r1ZeroConfig.parse({ model: 'models/SmolLM2', lora: { rank: 4 }, evaluation })
    const sources = {
      'grpo.steps': 'preset pocket',
      model: '--set',
      'evaluation.topP': 'small.json',
      'lora.targets': '--set',
    }
    const names = ['base', 'trained', 'base-greedy', 'trained-greedy']
    const run = await makeRun('zero', { config: config as unknown as RunInfo['config'], sources }, names)
    const page = join(root, 'page.md')
    await results(run, '--output', page)
    const text = readFileSync(page, 'utf8')
    expect(text).toMatch(/^# R1-Zero on SmolLM2$/m)
    expect(text).toMatch(/8 held-out problems with 4 responses each at\ntemperature 1 and top-p 0\.5\./)
    expect(text).toMatch(/^\| temperature 1, top-p 0\.5 \| 20\.0 %/m)
    const set = `--set model=models/SmolLM2 --set 'lora.targets=${JSON.stringify(config.lora.targets)}'`
    expect(text).toContain(`npx r1 train r1-zero --run ${run} --seed 1 --config small.json ${set}\n`)
    expect(text).toContain(`npx r1 results ${run} --output ${page}\n`)
  })

  it('refuses runs that measured nothing before and after', async () => {
    const run = await makeRun('tuned', { recipe: 'sft' }, ['trained'])
    await expect(results(run, '--output', join(root, 'none.md'))).rejects.toThrow(
      /tuned is "sft": .*not measured its model before and after\. Expected a run of r1-zero/,
    )
  })
})
