import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { listenForStop, outputClosed, Stopped, stoppedAt } from './stop.ts'

const STOP = JSON.stringify(new URL('./stop.ts', import.meta.url).href)
const code = `
  const { listenForStop } = await import(${STOP})
  const { signal } = listenForStop()
  console.log('ready')
  await new Promise((resolve) => { const t = setInterval(() => {}, 1000); signal.addEventListener('abort', () => { if (process.argv[1] === 'save') { clearInterval(t); resolve() } }) })
  console.log('saved')
  process.exit(signal.reason.exitCode)
`

async function run(mode: 'save' | 'hang', ...signals: (NodeJS.Signals | number)[]) {
  const command = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', code, mode]
  // Both streams in one pipe: which of two is read first says nothing about which was written first.
  const child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...command])
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const exit = once(child, 'close')
  await once(child.stdout, 'data')
  for (const signal of signals) {
    if (typeof signal === 'number') await setTimeout(signal)
    else child.kill(signal)
  }
  const [exitCode] = await exit
  return { exitCode, output }
}

describe('listenForStop', () => {
  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s lets the run save', async (signal, exitCode) => {
    const result = await run('save', signal)
    expect(result).toMatchObject({
      exitCode,
      output: expect.stringMatching(/Stopping after this step.*\nsaved/s),
    })
  })

  it('exits at once on a second Ctrl-C', async () => {
    const { exitCode, output } = await run('hang', 'SIGINT', 600, 'SIGINT')
    expect(exitCode).toBe(130)
    expect(output).not.toMatch(/saved/)
  })

  it('takes the echo of one key press (npm passes it on) for one', async () => {
    const result = await run('hang', 'SIGINT', 30, 'SIGINT', 600, 'SIGTERM')
    expect(result.exitCode).toBe(143)
  })

  it('stops where nobody reads the output any more, and only once', () => {
    expect(outputClosed()).toBe(false)
    const listener = listenForStop('Saving.')
    expect(outputClosed()).toBe(true)
    expect(outputClosed()).toBe(true)
    expect(listener.signal.reason).toMatchObject({ exitCode: 141 })
    listener.close()
    expect(outputClosed()).toBe(false)
  })

  it('lets go of the process when closed', () => {
    const before = process.listenerCount('SIGINT')
    const listener = listenForStop()
    expect(process.listenerCount('SIGINT')).toBe(before + 1)
    listener.close()
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})

it('stoppedAt says where it stopped and how to continue', () => {
  const signal = AbortSignal.abort(new Stopped('Stopped.', 143))
  const stopped = stoppedAt(signal, 40, 'runs/x', 'r1 train r1-zero --run runs/x --resume')
  expect(stopped.exitCode).toBe(143)
  expect(stopped.message).toBe(
    'Stopped at step 40; everything is saved in runs/x.\nContinue with: r1 train r1-zero --run runs/x --resume',
  )
})
