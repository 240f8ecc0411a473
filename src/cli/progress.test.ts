import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { secondsLeft, startProgress } from './progress.ts'

function stream(isTTY: boolean) {
  const through = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    clearLine: () => true,
    cursorTo: () => true,
  })
  let text = ''
  through.on('data', (chunk) => {
    text += chunk
  })
  return { stream: through as unknown as NodeJS.WriteStream, read: () => text }
}

describe('startProgress', () => {
  it('writes a plain line now and then where there is no terminal', () => {
    const [err, out] = [stream(false), stream(false)]
    let time = 0
    const progress = startProgress({
      label: 'training',
      total: 10,
      initial: 2,
      interval: 15,
      stderr: err.stream,
      stdout: out.stream,
      now: () => time,
    })
    for (let step = 3; step <= 10; step++) {
      time += 10
      progress.update(step, step === 10 ? 'saving' : '')
      progress.line(`step ${step}`)
    }
    progress.stop()
    expect(err.read()).toBe(
      [
        'training 4/10, 1 min 00 s left',
        'training 6/10, 40 s left',
        'training 8/10, 20 s left',
        'training 10/10, 0 s left, saving',
        '',
      ].join('\n'),
    )
    expect(out.read().split('\n')).toHaveLength(9)
  })

  it('draws a bar on a terminal and keeps results on stdout', () => {
    const [err, out] = [stream(true), stream(false)]
    let time = 0
    const progress = startProgress({
      label: 'training',
      total: 4,
      stderr: err.stream,
      stdout: out.stream,
      now: () => time,
    })
    time = 30
    progress.update(1, 'sampling')
    progress.line('step 1')
    progress.stop()
    expect(err.read()).toMatch(/training .*1\/4 {2}1 min 30 s left {2}sampling/)
    expect(out.read()).toBe('step 1\n')
  })

  it('is silent when asked', () => {
    const [err, out] = [stream(true), stream(true)]
    const progress = startProgress({
      label: 'x',
      total: 1,
      silent: true,
      stderr: err.stream,
      stdout: out.stream,
    })
    progress.update(1)
    progress.line('x')
    progress.stop()
    expect(err.read() + out.read()).toBe('')
  })
})

it.each([
  [0, 0, 10, 5, undefined],
  [0, 5, 10, 5, 5],
  [8, 9, 10, 3, 3],
  [0, 10, 10, 60, 0],
])('secondsLeft(%d, %d, %d, %d)', (initial, done, total, seconds, expected) => {
  expect(secondsLeft(initial, done, total, seconds)).toBe(expected)
})
