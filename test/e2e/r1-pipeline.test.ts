/** All stages from the shipped base to R1, in small: killed once in each stage, the end is that of a run never killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../src/random.ts'
import { readFinished } from '../../src/run/folder.ts'

const STAGES = ['zero', 'cold-start', 'dev1', 'dev2', 'data', 'dev3', 'helpful-rm', 'safety-rm', 'r1']
const grpo = { questionsPerStep: 2, groupSize: 4, minibatches: 1, maxTokens: 120 }
const SETTINGS = {
  zero: { grpo: { ...grpo, steps: 2 } },
  coldStart: { questions: 24, samples: 4, demonstrations: 16 },
  // Enough that a response in form is among those that Dev2 samples.
  dev1: { epochs: 6, batchSize: 4 },
  dev2: { grpo: { ...grpo, steps: 2 } },
  data: { questions: 24, samples: 4, keep: 2, demonstrations: 6 },
  dev3: { epochs: 1, batchSize: 16 },
  rewardModels: { pairs: 16, labels: 16, heldOut: 8, training: { batchSize: 8 } },
  r1: { grpo: { ...grpo, steps: 3 }, generalSteps: 1 },
  evaluation: { questions: 6, requests: 6, samples: 2, maxTokens: 120 },
  checkpointEvery: 1,
}
const root = mkdtempSync(join(tmpdir(), 'r1-pipeline-'))
const settings = join(root, 'settings.json')
const folder = (name: string) => join(root, name)
afterAll(() => rmSync(root, { recursive: true }))

function start(run: string, ...more: string[]) {
  const bin = resolve(import.meta.dirname, '../../bin/r1.mjs')
  const flags = existsSync(join(run, 'config.json'))
    ? ['--resume']
    : ['--size', 'pocket', '--config', settings]
  return spawn(process.execPath, [bin, 'train', 'r1', '--no-page', '--run', run, ...flags, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function output(child: ReturnType<typeof start>): Promise<string> {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  await once(child, 'close')
  return text
}

/** What a stage left behind, without what clocks say. */
function made(run: string) {
  return STAGES.map((stage) => {
    const read = (...path: string[]) => readFileSync(join(run, stage, ...path), 'utf8')
    const { seconds: _, run: __, ...finished } = readFinished(join(run, stage))!
    const evaluations = join(run, stage, 'evaluations')
    return {
      stage,
      finished,
      metrics: existsSync(join(run, stage, 'metrics.jsonl')) ? read('metrics.jsonl') : '',
      data: existsSync(join(run, stage, 'data.jsonl')) ? read('data.jsonl') : '',
      evaluations: existsSync(evaluations)
        ? readdirSync(evaluations)
            .sort()
            .map((name) => [name, read('evaluations', name)])
        : [],
    }
  })
}

describe('r1 train r1', () => {
  let told: string
  beforeAll(async () => {
    writeFileSync(settings, JSON.stringify(SETTINGS))
    told = await output(start(folder('whole')))
  }, 300_000)

  it('prints the plan, the stage table and the same question answered by each model', () => {
    for (const stage of STAGES) expect(told).toMatch(new RegExp(`^${stage} `, 'm'))
    expect(told).toMatch(/About \d+ .*on two cores/)
    expect(told).toMatch(/^ +base +R1-Zero +Dev1 +Dev2 +Dev3 +R1$/m)
    for (const name of ['base', 'R1-Zero', 'Dev1', 'Dev2', 'Dev3', 'R1'])
      expect(told).toMatch(new RegExp(`^${name}: (right|wrong), \\d+ tokens$`, 'm'))
    expect(existsSync(join(folder('whole'), 'r1', 'model', 'model.safetensors'))).toBe(true)
  })

  it('killed in each stage, ends as if nothing had been', async () => {
    const random = randomStream(1, 'pipeline kills')
    const killed: string[] = []
    for (const stage of STAGES) {
      const child = start(folder('killed'))
      const closed = once(child, 'close')
      const running = new Promise<void>((done) => {
        const look = setInterval(() => {
          if (!existsSync(join(folder('killed'), stage, 'config.json'))) return
          clearInterval(look)
          done()
        }, 20)
        void closed.then(() => clearInterval(look))
      })
      child.stdout.resume()
      child.stderr.resume()
      await Promise.race([running, closed])
      await Promise.race([setTimeout(random.integer(0, 1500)), closed])
      if (child.kill('SIGKILL') && readFinished(join(folder('killed'), stage)) === undefined)
        killed.push(stage)
      await closed
    }
    expect(killed.length).toBeGreaterThan(3)
    await output(start(folder('killed')))
    expect(made(folder('killed'))).toEqual(made(folder('whole')))
  }, 600_000)

  it('runs one stage again, and asks for what it reads', async () => {
    const before = made(folder('whole'))
    const text = await output(start(folder('whole'), '--only', 'safety-rm'))
    expect(text).toContain('Safety reward model')
    expect(text).not.toContain('Helpful reward model: pairs, judged by their summaries (R1 §2.3.4)\n')
    expect(made(folder('whole'))).toEqual(before)
    expect(await output(start(folder('whole'), '--only', 'dev4'))).toMatch(/no such stage.*dev3/s)
    const config = readFileSync(join(folder('whole'), 'config.json'), 'utf8')
    expect(await output(start(folder('whole'), '--only', 'dev2', '--set', 'zero.grpo.steps=9'))).toMatch(
      /zero was begun with other settings/,
    )
    expect(readFileSync(join(folder('whole'), 'config.json'), 'utf8')).toBe(config)
  }, 120_000)
})
