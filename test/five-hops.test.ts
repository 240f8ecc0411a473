/** The way from the command to the gradient as docs/architecture.md tells it, read off the call stack of a step that trains. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { trainR1Zero } from '../src/cli/train-r1-zero.ts'
import type { Objective } from '../src/objectives/objective.ts'
import { writeTinyLlama } from './tiny-llama.ts'

const ROOT = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'r1-hops-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { stacks } = vi.hoisted(() => ({ stacks: [] as string[] }))
vi.mock('../src/objectives/policy-gradient.ts', async (original) => {
  const { policyGradient } = await original<typeof import('../src/objectives/policy-gradient.ts')>()
  return {
    policyGradient(...options: Parameters<typeof policyGradient>): Objective {
      const objective = policyGradient(...options)
      return {
        ...objective,
        build(batch) {
          stacks.push(new Error('here').stack!)
          return objective.build(batch)
        },
      }
    },
  }
})

it('the call stack of a training step is the list of hops', async () => {
  await writeTinyLlama(join(folder, 'base'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const former = Error.stackTraceLimit
  Error.stackTraceLimit = 60
  const settings = {
    model: join(folder, 'base'),
    'grpo.steps': 1,
    'grpo.questionsPerStep': 1,
    'grpo.minibatches': 1,
    'grpo.groupSize': 2,
    'grpo.maxTokens': 4,
    'evaluation.questions': 1,
    'evaluation.samples': 1,
  }
  const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  await trainR1Zero({ set, run: join(folder, 'run'), json: true })
  Error.stackTraceLimit = former

  const places = stacks[0]!
    .split('\n')
    .flatMap((line) => /\/(src\/[\w./-]+\.ts)/.exec(line)?.[1] ?? [])
    .reverse()
  const told = [
    ...readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').matchAll(/^\d\. `(src\/[^`]+)`/gm),
  ]
  const hops = told.map(([, path]) => path!)
  expect(hops).toHaveLength(6)
  // The stack has more: what runs rows, and the objective itself. A file may be on it twice.
  expect([...new Set(places)].filter((place) => hops.includes(place))).toEqual(hops)
}, 120_000)
