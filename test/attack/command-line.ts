/** What befalls a command: a reader that leaves, a full disk, a path that cannot be made, Ctrl-C. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runStatus } from '../../src/run/folder.ts'
import { type Ended, settings, startR1 } from '../r1-process.ts'
import type { Attack } from './attack.ts'

const SMALL = settings({
  'grpo.groupSize': 4,
  'grpo.questionsPerStep': 2,
  'grpo.minibatches': 1,
  'grpo.maxTokens': 64,
  'evaluation.questions': 2,
  'evaluation.samples': 2,
  checkpointEvery: 1,
})
const train = (run: string, steps: number, ...more: string[]) => [
  'train',
  'r1-zero',
  // Its page would hold the folder a moment longer.
  '--no-page',
  '--run',
  run,
  ...SMALL,
  '--set',
  `grpo.steps=${steps}`,
  ...more,
]

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'r1-attack-'))
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function oneSentence({ code, stderr }: Ended, exitCode: number, message: RegExp): void {
  assert.equal(code, exitCode, stderr)
  assert.match(stderr, message)
  assert.doesNotMatch(stderr, /\n {4}at /, 'a stack')
}

const refused = (name: string, run: (folder: string) => string, message: RegExp): Attack => ({
  name,
  holds: 'Exit code 2 and one sentence without a stack.',
  quick: false,
  run: () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '')
      oneSentence(await startR1(folder, train(run(folder), 2)).ended, 2, message)
    }),
})

export const attacks: Attack[] = [
  {
    name: 'a reader that leaves after the first line',
    holds: 'The run saves, exits with 141 and says how to continue; continuing works.',
    quick: false,
    seconds: 300,
    run: () =>
      inFolder(async (folder) => {
        const { child, ended } = startR1(folder, train('run', 500))
        child.stdout!.once('data', () => child.stdout!.destroy())
        oneSentence(await ended, 141, /everything is saved in .*run\.\nContinue with: npx r1 train r1-zero/)
        assert.equal(runStatus(join(folder, 'run')), 'stopped')
        const resumed = await startR1(folder, train('run', 1, '--resume')).ended
        assert.equal(resumed.code, 0, resumed.stderr)
        assert.match(resumed.stderr, /grpo\.steps changes from 500 to 1\./)
      }),
  },
  {
    name: 'a reader of a list that leaves',
    holds: 'Nothing is said, and the exit code is not 0.',
    quick: false,
    run: () =>
      new Promise<void>((done, fail) => {
        const child = spawn(process.execPath, [resolve('bin/r1.mjs'), 'config', 'r1-zero'])
        let said = ''
        child.stdout.destroy()
        child.stderr.on('data', (text) => {
          said += text
        })
        child.once('close', (code) => {
          if (code === 141 && said === '') done()
          else fail(new Error(`exit code ${code}: ${said}`))
        })
      }),
  },
  refused('a run in place of a file', (folder) => join(folder, 'file'), /is a file, not a folder/),
  refused('a run below a file', (folder) => join(folder, 'file', 'run'), /a file stands where its folder/),
  {
    name: 'a full disk',
    holds: 'Exit code 2 and one sentence without a stack. Passes where no small disk can be mounted.',
    quick: false,
    run: () =>
      inFolder(async (folder) => {
        try {
          execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
        } catch {
          return
        }
        try {
          oneSentence(await startR1(folder, train('run', 20)).ended, 2, /the disk is full\. Free some space/)
        } finally {
          execFileSync('umount', [folder])
        }
      }),
  },
  {
    name: 'Ctrl-C while pulling',
    holds: 'Exit code 130 and one sentence that says how to continue.',
    quick: false,
    run: () =>
      inFolder(async (folder) => {
        const hub = createServer(() => child.kill('SIGINT'))
        await new Promise<void>((listening) => hub.listen(0, '127.0.0.1', listening))
        process.env.HF_ENDPOINT = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`
        const { child, ended } = startR1(folder, ['pull', 'owner/name'])
        const result = await ended
        hub.close().closeAllConnections()
        oneSentence(result, 130, /Stopped\. What has arrived is kept/)
      }),
  },
]
