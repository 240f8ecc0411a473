import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLock, lockHolder } from './lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'r1-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const plant = (holder: { pid: number; host: string; started: string | null }) =>
  writeFileSync(join(folder, `.lock-${holder.host}-${holder.pid}`), JSON.stringify(holder))

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid!
}

describe('acquireLock', () => {
  it('holds until it is released', () => {
    const lock = acquireLock(folder)
    expect(lockHolder(folder)?.pid).toBe(process.pid)
    expect(() => acquireLock(folder)).toThrow(`${folder}: process ${process.pid} is writing this run.`)
    expect(lockHolder(folder)?.pid).toBe(process.pid)
    lock.release()
    expect(readdirSync(folder)).toEqual([])
    acquireLock(folder).release()
  })

  it('is refused while another process lives, and leaves nothing behind', () => {
    const parent = { pid: process.ppid, host: hostname(), started: startOf(process.ppid) }
    plant(parent)
    expect(() => acquireLock(folder)).toThrow(/is writing this run\. Wait for it, stop it/)
    expect(readdirSync(folder)).toEqual([`.lock-${hostname()}-${process.ppid}`])
  })

  it('takes over from a dead process', async () => {
    plant({ pid: await deadPid(), host: hostname(), started: '1' })
    expect(lockHolder(folder)).toBeUndefined()
    acquireLock(folder)
    expect(readdirSync(folder)).toEqual([`.lock-${hostname()}-${process.pid}`])
  })

  it.runIf(process.platform === 'linux')('takes over when the pid was given out again', () => {
    plant({ pid: process.ppid, host: hostname(), started: '1' })
    plant({ pid: process.pid, host: hostname(), started: '1' })
    acquireLock(folder)
    expect(readdirSync(folder)).toEqual([`.lock-${hostname()}-${process.pid}`])
  })

  it('passes over a torn lock file', () => {
    writeFileSync(join(folder, '.lock-here-1'), '{"pid":')
    acquireLock(folder)
  })

  it('cannot judge another machine and says what to delete', () => {
    plant({ pid: 1, host: 'elsewhere', started: null })
    expect(() => acquireLock(folder)).toThrow(/process 1 on elsewhere .* delete .*\.lock-elsewhere-1/)
  })
})

function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return null
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!
}
