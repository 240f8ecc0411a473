import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CheckpointError } from '../errors.ts'
import {
  loadCheckpoint,
  mendCheckpoints,
  newestCheckpoint,
  rewindCheckpoints,
  saveCheckpoint,
} from './checkpoint.ts'

let checkpoints: string
beforeEach(() => {
  checkpoints = mkdtempSync(join(tmpdir(), 'r1-checkpoint-'))
})
afterEach(() => rmSync(checkpoints, { recursive: true }))

const save = (step: number, text = `weights of ${step}`, keep = 3) =>
  saveCheckpoint({
    checkpoints,
    step,
    state: { step, position: step * 16 },
    keep,
    write: async (folder) => {
      writeFileSync(join(folder, 'model.safetensors'), text)
      mkdirSync(join(folder, 'optimizer'))
      writeFileSync(join(folder, 'optimizer', 'm.bin'), Buffer.alloc(5000, step))
    },
  })
const names = () => readdirSync(checkpoints).sort()
const read = (...path: string[]) => readFileSync(join(checkpoints, ...path), 'utf8')

describe('saveCheckpoint', () => {
  it('keeps the last N, points at the newest and brings the state back', async () => {
    for (const step of [10, 20, 30, 40]) await save(step)
    expect(names()).toEqual(['latest', 'step-000020', 'step-000030', 'step-000040'])
    expect(read('latest')).toBe('step-000040\n')
    const { checkpoint, skipped } = await newestCheckpoint(checkpoints)
    expect(checkpoint).toMatchObject({ step: 40, state: { step: 40, position: 640 } })
    expect(skipped).toEqual([])
  })

  it('replaces a checkpoint of the same step', async () => {
    await save(10, 'former')
    await save(10, 'latter')
    expect(read('step-000010', 'model.safetensors')).toBe('latter')
    expect(names()).toEqual(['latest', 'step-000010'])
    await loadCheckpoint(join(checkpoints, 'step-000010'))
  })

  it.each(['ENOSPC', 'EDQUOT', 'EACCES'])('leaves the former one be on %s and says so', async (code) => {
    await save(10)
    const failing = saveCheckpoint({
      checkpoints,
      step: 20,
      state: {},
      keep: 1,
      write: async (folder) => {
        writeFileSync(join(folder, 'model.safetensors'), 'half')
        throw Object.assign(new Error('write'), { code })
      },
    })
    await expect(failing).rejects.toThrow(/step-000020: this checkpoint could not be saved: .* --resume/)
    await expect(failing).rejects.toBeInstanceOf(CheckpointError)
    expect(names()).toEqual(['latest', 'step-000010'])
    expect((await newestCheckpoint(checkpoints)).checkpoint?.step).toBe(10)
  })

  it('passes on a failure that is not the disk', async () => {
    const write = () => Promise.reject(new TypeError('a bug'))
    await expect(saveCheckpoint({ checkpoints, step: 1, state: {}, keep: 1, write })).rejects.toThrow(
      TypeError,
    )
    expect(names()).toEqual([])
  })
})

describe('a broken checkpoint is named and passed over', () => {
  const file = (name: string) => join(checkpoints, 'step-000020', name)
  it.each<[string, () => void, RegExp]>([
    [
      'truncated',
      () => truncateSync(file('optimizer/m.bin'), 4000),
      /optimizer\/m\.bin: the file is truncated: 4000 of 5000 bytes/,
    ],
    [
      'longer',
      () => writeFileSync(file('model.safetensors'), 'x', { flag: 'a' }),
      /model\.safetensors: the file is too long/,
    ],
    [
      'changed',
      () => writeFileSync(file('model.safetensors'), 'Weights of 20'),
      /model\.safetensors: the file has changed/,
    ],
    [
      'missing',
      () => rmSync(file('model.safetensors')),
      /model\.safetensors: this file of the checkpoint is missing/,
    ],
    [
      'without manifest',
      () => rmSync(file('checkpoint.json')),
      /checkpoint\.json: the checkpoint has no manifest/,
    ],
    [
      'with half a manifest',
      () => truncateSync(file('checkpoint.json'), 50),
      /checkpoint\.json: the manifest of the checkpoint cannot be read/,
    ],
  ])('%s', async (_, harm, expected) => {
    await save(10)
    await save(20)
    harm()
    await expect(loadCheckpoint(join(checkpoints, 'step-000020'))).rejects.toThrow(expected)
    const { checkpoint, skipped } = await newestCheckpoint(checkpoints)
    expect(checkpoint?.step).toBe(10)
    expect(skipped.map((error) => error.message)).toEqual([expect.stringMatching(expected)])
    await rewindCheckpoints(checkpoints, 10)
    expect(names()).toEqual(['broken-step-000020', 'latest', 'step-000010'])
  })
})

it('there may be none', async () => {
  expect(await newestCheckpoint(join(checkpoints, 'none'))).toEqual({ checkpoint: undefined, skipped: [] })
  await expect(loadCheckpoint(join(checkpoints, 'none'))).rejects.toThrow(/there is no such checkpoint/)
})

it('mends what a kill between two renames leaves', async () => {
  await save(10)
  for (const name of ['.replaced-step-000020', '.writing-step-000030', '.replaced-step-000010']) {
    mkdirSync(join(checkpoints, name))
    writeFileSync(join(checkpoints, name, 'old'), '')
  }
  await mendCheckpoints(checkpoints)
  expect(names()).toEqual(['latest', 'step-000010', 'step-000020'])
  expect(readdirSync(join(checkpoints, 'step-000010'))).not.toContain('old')
})

it('removes what a process killed right after a save had no time to remove', async () => {
  await save(10, undefined, 2)
  await save(20, undefined, 2)
  const spare = join(checkpoints, 'spare')
  cpSync(join(checkpoints, 'step-000010'), spare, { recursive: true })
  await save(30, undefined, 2)
  renameSync(spare, join(checkpoints, 'step-000010'))
  await rewindCheckpoints(checkpoints, 30)
  expect(names()).toEqual(['latest', 'step-000020', 'step-000030'])
})
