import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTinyLlama } from '../../test/tiny-llama.ts'
import { r1Config, r1Presets } from '../recipes/r1-config.ts'
import { openJudge } from '../responders/judge.ts'
import { createRun } from '../run/folder.ts'
import type { StageContext } from './pipeline.ts'
import { preferencePairsStage, readPairs } from './preference-pairs-stage.ts'
import { rewardModelStage } from './reward-model-stages.ts'
import { pocketWorld } from './world.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-pairs-'))
const model = join(root, 'model')
afterAll(() => rmSync(root, { recursive: true }))
beforeAll(() => writeTinyLlama(model))

const settings = { ...r1Config.parse(r1Presets.pocket), world: pocketWorld }

async function contextOf(name: string): Promise<StageContext> {
  const info = { recipe: 'test', version: '0', seed: 1, created: '2026-11-30T12:00:00.000Z', config: {} }
  const run = await createRun(join(root, name), { ...info, sources: {} })
  const nothing = { resume: undefined, signal: undefined, input: () => '', progress: () => {} }
  return { run, seed: 1, ...nothing }
}

/** Prefers the answer that comes first in the alphabet, gives no verdict where one begins with a digit. */
function alphabeticalJudge() {
  const part = (prompt: string, name: string) =>
    new RegExp(`<answer of ${name}>\n([\\s\\S]*)\n</answer of ${name}>`).exec(prompt)![1]!
  return openJudge({
    responder: {
      name: 'judge',
      async respond(requests, onResponse) {
        for (const { prompt, ...request } of requests) {
          const [a, b] = [part(prompt, 'A'), part(prompt, 'B')]
          const text = /^\d/.test(a) || /^\d/.test(b) ? 'No idea.' : a < b ? '[[A>>B]]' : '[[B>>A]]'
          onResponse({ ...request, text, tokens: 1, stopReason: 'stop' })
        }
      },
    },
    concurrency: 8,
    seed: 1,
  })
}

describe('pairs by a judge', () => {
  const requests = 48
  const options = () => ({ model, requests, maxTokens: 12, judge: alphabeticalJudge() })

  it('hold what it clearly prefers, as often the longer as the shorter one; each request is counted', async () => {
    const result = (await preferencePairsStage(settings, options(), await contextOf('pairs')))!
    const pairs = await readPairs(join(root, 'pairs'))
    expect(pairs.length).toBeGreaterThan(8)
    expect(pairs.every(({ chosen, rejected }) => chosen < rejected)).toBe(true)
    const longer = pairs.filter(({ chosen, rejected }) => chosen.length > rejected.length)
    const shorter = pairs.filter(({ chosen, rejected }) => chosen.length < rejected.length)
    expect(longer.length).toBe(shorter.length)
    const { same, unclear, unjudged, droppedForLength } = result as Record<string, number>
    expect(unjudged).toBeGreaterThan(0)
    expect(pairs.length + same! + unclear! + unjudged! + droppedForLength!).toBe(requests)
    for (const { prompt } of pairs)
      expect(pocketWorld.scope({ id: '', prompt, answer: '' })).not.toBe('safety')
  })

  it('are what the helpful reward model learns from, no held-out request among them', async () => {
    const stage = {
      ...{ kind: 'helpful' as const, model, judgedPairs: join(root, 'pairs') },
      ...{ pairs: 0, labels: 0, heldOut: 4, maxTokens: 256 },
      training: { ...settings.rewardModels.training, epochs: 1, batchSize: 4 },
    }
    const figures = await rewardModelStage(settings, stage, await contextOf('rm'))
    expect(figures).toMatchObject({ n: 4, tooLong: 0 })
    expect(figures!.center).toBeTypeOf('number')
    expect(figures!.center).not.toBe(figures!.meanScore)
    await expect(
      rewardModelStage(settings, { ...stage, heldOut: 100 }, await contextOf('few')),
    ).rejects.toThrow(/rewardModels\.pairs is "\d+ clear pairs": the judge left too few pairs/)
  })

  it('are shorter than the limit, the prompt included', async () => {
    const stage = {
      ...{ kind: 'helpful' as const, model, pairs: 12, labels: 0, heldOut: 12, maxTokens: 60 },
      training: { ...settings.rewardModels.training, epochs: 1, batchSize: 4 },
    }
    await expect(rewardModelStage(settings, stage, await contextOf('none'))).rejects.toThrow(
      /rewardModels\.maxTokens is 60: no example .* is short enough/,
    )
    const figures = await rewardModelStage(settings, { ...stage, maxTokens: 150 }, await contextOf('short'))
    expect(figures!.tooLong).toBeGreaterThan(0)
    expect(figures!.n).toBeLessThan(12)
  })
})
