/** A run as long as the page has to bear: many steps of plausible numbers, and rollouts of many tokens. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { randomStream } from '../src/random.ts'
import { createRun, METRICS, rolloutsPath, TIMING } from '../src/run/folder.ts'

export async function writeLongRun(folder: string, steps: number): Promise<void> {
  const run = await createRun(folder, {
    recipe: 'r1-zero',
    version: '0.1.0',
    seed: 1,
    created: '2026-11-24T10:00:00.000Z',
    config: { model: 'pocket-base', grpo: { steps } },
    sources: {},
  })
  run.close()
  const { normal } = randomStream(1, 'long run')
  const near = (value: number, noise: number) => value + noise * normal()
  writeLines(join(folder, METRICS), steps, (i) => {
    const share = 1 - Math.exp((-4 * i) / steps)
    return {
      step: i + 1,
      reward: near(2 * share, 0.1),
      accuracy: near(0.15 + 0.75 * share, 0.05),
      format: near(share, 0.02),
      meanTokens: near(600 + 9000 * share, 300),
      truncatedShare: 0.02,
      groupsWithSignal: near(0.7, 0.1),
      kl: near(0.2 * share, 0.01),
      entropy: near(0.9 - 0.6 * share, 0.02),
      clipShare: near(0.01, 0.003),
      loss: near(0, 0.01),
      gradientNorm: near(0.4, 0.1),
      learningRate: 3e-6,
    }
  })
  writeLines(join(folder, TIMING), steps, (i) => ({
    step: i + 1,
    sampleSeconds: near(3, 0.3),
    scoreSeconds: near(1, 0.1),
    trainSeconds: near(2, 0.2),
    tokensPerSecond: near(6000, 300),
  }))
}

/** `groups` groups of 16 responses of `tokens` tokens each, at about 28 bytes a token. */
export function writeLongRollouts(folder: string, step: number, groups: number, tokens: number): void {
  const words = Array.from({ length: tokens }, (_, i) => (i % 9 === 0 ? 'wait, ' : 'so 3 ')).join('')
  const ids = Array.from({ length: tokens }, (_, i) => 2 + (i % 300))
  const logprobs = ids.map((id) => -(id % 40) / 10)
  const path = rolloutsPath(folder, step)
  writeLines(path, groups * 16, (i) => ({
    group: Math.floor(i / 16),
    sample: i % 16,
    question: `long/${Math.floor(i / 16)}`,
    prompt: `Problem ${Math.floor(i / 16)} of many`,
    answer: '7',
    text: `<think>${words}</think> <answer> ${i % 3} </answer>`,
    stopReason: i % 11 === 0 ? 'length' : 'stop',
    rewards: { accuracy: Number(i % 3 === 0), format: 1 },
    reward: 1 + Number(i % 3 === 0),
    advantage: i % 3 === 0 ? 1.3 : -0.7,
    tokens: ids,
    logprobs,
  }))
}

function writeLines(path: string, lines: number, line: (i: number) => object): void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w')
  let buffer = ''
  for (let i = 0; i < lines; i++) {
    buffer += `${JSON.stringify(line(i))}\n`
    if (buffer.length > 1 << 22 || i === lines - 1) {
      writeSync(file, buffer)
      buffer = ''
    }
  }
  closeSync(file)
}
