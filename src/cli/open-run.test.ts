import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../errors.ts'
import { readRunInfo } from '../run/folder.ts'
import { openOrCreateRun } from './open-run.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'r1-open-run-')), 'run')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

/** The settings that a command with these flags works with. */
async function open(flags: { resume?: boolean; set?: string[] }, check?: () => Promise<void>) {
  const { run, config } = await openOrCreateRun('r1-zero', { set: [], run: folder, ...flags }, check)
  run.close()
  return config as { grpo: Record<string, unknown> }
}

describe('a folder that cannot hold a run', () => {
  it('is a file', async () => {
    writeFileSync(folder, 'a file')
    await expect(open({})).rejects.toThrow(/run: this is a file, not a folder\. Choose another --run folder/)
    await expect(open({ resume: true })).rejects.toThrow(/there is no run in this folder/)
  })

  it('lies below a file', async () => {
    writeFileSync(folder, 'a file')
    folder = join(folder, 'inner')
    await expect(open({})).rejects.toThrow(
      /inner: cannot be written: a file stands where its folder should be/,
    )
    folder = join(folder, '..')
  })
})

describe('a run that is continued', () => {
  it('says what --set changes, and nothing where it changes nothing', async () => {
    await open({})
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      await open({ resume: true, set: ['grpo.maxTokens=512'] })
      expect(said.mock.calls.flat().join('')).toMatch(/^grpo\.maxTokens changes from \d+ to 512\.\n$/)
      said.mockClear()
      await open({ resume: true, set: ['grpo.maxTokens=512'] })
      expect(said).not.toHaveBeenCalled()
    } finally {
      said.mockRestore()
    }
  })

  it('keeps what --set changed, and says where each setting came from', async () => {
    const { grpo } = await open({ set: ['grpo.groupSize=4'] })
    const { sources } = readRunInfo(folder)
    expect((await open({ resume: true, set: ['grpo.maxTokens=512'] })).grpo).toEqual({
      ...grpo,
      maxTokens: 512,
    })
    expect((await open({ resume: true })).grpo.maxTokens).toBe(512)
    const now = readRunInfo(folder)
    expect(now.config.grpo).toEqual({ ...grpo, maxTokens: 512 })
    expect(now.sources).toEqual({ ...sources, 'grpo.maxTokens': '--set' })
    expect(sources).toMatchObject({ 'grpo.maxTokens': 'preset pocket', 'grpo.groupSize': '--set' })
  })

  it('keeps its settings where the new ones cannot work', async () => {
    await open({})
    const before = readRunInfo(folder)
    const refused = open({ resume: true, set: ['grpo.maxTokens=512'] }, () =>
      Promise.reject(new ConfigError('too long')),
    )
    await expect(refused).rejects.toThrow('too long')
    await expect(open({ resume: true, set: ['seed=2'] })).rejects.toThrow(/seed is 2: a run keeps its seed/)
    await expect(open({ resume: true, set: ['lora.alpha=64'] })).rejects.toThrow(
      /lora is .*64.*a run keeps its lora\. Expected .*32.*, that of/,
    )
    expect(readRunInfo(folder)).toEqual(before)
  })
})
