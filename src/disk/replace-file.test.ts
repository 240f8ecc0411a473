import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replaceFile } from './replace-file.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'r1-replace-'))

describe('replaceFile', () => {
  it('writes text, bytes and chunks, and makes the folder', async () => {
    const path = join(folder(), 'a/b/file.txt')
    await replaceFile(path, 'text')
    expect(readFileSync(path, 'utf8')).toBe('text')
    await replaceFile(path, new Uint8Array([65, 66]))
    expect(readFileSync(path, 'utf8')).toBe('AB')
    await replaceFile(path, async (write) => {
      for (let i = 0; i < 1000; i++) await write(i % 2 === 0 ? 'x' : new Uint8Array([121]))
    })
    expect(readFileSync(path, 'utf8')).toBe('xy'.repeat(500))
    expect(readdirSync(join(path, '..'))).toEqual(['file.txt'])
  })

  it('keeps the old file and leaves nothing behind when the writer fails', async () => {
    const path = join(folder(), 'file.txt')
    writeFileSync(path, 'old')
    await expect(
      replaceFile(path, async (write) => {
        await write('half')
        throw new Error('disk full')
      }),
    ).rejects.toThrow('disk full')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(join(path, '..'))).toEqual(['file.txt'])
  })

  it('lets writers at the same time each leave a whole file', async () => {
    const path = join(folder(), 'file.txt')
    await Promise.all(Array.from({ length: 8 }, (_, i) => replaceFile(path, String(i).repeat(10_000))))
    expect(readFileSync(path, 'utf8')).toMatch(/^(\d)\1{9999}$/)
  })
})
