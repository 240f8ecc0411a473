import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { letterTokenizer } from '../../test/letter-world.ts'
import type { Policy } from '../engine/engine.ts'
import type { LocalModel } from '../loading/local-model.ts'
import { converse, type Terminal } from './chat.ts'

const tokenizer = letterTokenizer('abcdefghijklmnopqrstuvwxyz </>|.')
const flags = { temperature: 0.6, topP: 0.95, maxTokens: 200_000, seed: 0 }
/** Letters that do not repeat themselves. */
const letters = (n: number) =>
  Array.from({ length: n }, (_, i) => String.fromCharCode(97 + (((i * 7919) % 104_729) % 26))).join('')

/** Says `answers` one after the other, a letter each turn of the event loop; notes what it was shown. */
function scripted(answers: string[], maxPositions = 1000) {
  const shown: string[] = []
  const sample: Policy['sample'] = async ([request]) => {
    const { prompt, signal, options, onToken } = request!
    shown.push(tokenizer.decode(prompt))
    const tokens: number[] = []
    const all = tokenizer.encode(`${answers.shift()}.`)
    for (const token of all.subarray(0, options.maxTokens)) {
      await new Promise(setImmediate)
      if (signal?.aborted) break
      tokens.push(token)
      onToken?.(0, token, -1, [])
    }
    const stopReason = signal?.aborted ? 'aborted' : tokens.length < all.length ? 'length' : 'stop'
    const logprobs = new Float32Array(tokens.length)
    return [[{ tokens: Int32Array.from(tokens), logprobs, samplingLogprobs: logprobs, stopReason }]]
  }
  const model = {
    engine: { config: { maxPositions }, sample },
    tokenizer,
    answerForm: 'think',
    renderChat: (messages: { content: string }[]) => messages.map(({ content }) => content).join('|'),
  }
  return { model: model as unknown as LocalModel, shown }
}

/** A terminal, or a pipe; `written` is what has come out of both its ends. */
function terminal(isTTY: boolean) {
  const stream = () => Object.assign(new PassThrough(), { isTTY, columns: 80, setRawMode: () => {} })
  const [stdin, stdout, stderr] = [stream(), stream(), stream()]
  let written = ''
  for (const output of [stdout, stderr])
    output.on('data', (data) => {
      written += data
    })
  return {
    streams: { stdin, stdout, stderr } as unknown as Terminal,
    type: (text: string) => stdin.write(text),
    end: () => stdin.end(),
    written: () => written,
    /** Resolves when this has been written. */
    until: (text: string) => expect.poll(() => written, { timeout: 10_000 }).toContain(text),
  }
}

describe('through a pipe', () => {
  it('answers line after line, without colours and prompts', async () => {
    const { model, shown } = scripted(['<think> so </think> ten', 'twelve'])
    const pipe = terminal(false)
    pipe.type('five and five\n\nand two\n')
    pipe.end()
    await converse(model, flags, pipe.streams)
    expect(pipe.written()).toBe('so\n\nten\ntwelve\n')
    // The thinking is forgotten.
    expect(shown).toEqual(['five and five', 'five and five|ten|and two'])
  })

  it('/new starts over, /exit ends', async () => {
    const { model, shown } = scripted(['a', 'b', 'c'])
    const pipe = terminal(false)
    pipe.type('one\n/new\ntwo\n/exit\nthree\n')
    await converse(model, flags, pipe.streams)
    expect(shown).toEqual(['one', 'two'])
  })

  it('/help says what there is, and what starts with a slash is no question', async () => {
    const { model, shown } = scripted(['a'])
    const pipe = terminal(false)
    pipe.type('/help\n/quit\n')
    pipe.end()
    await converse(model, flags, pipe.streams)
    expect(pipe.written()).toMatch(/\/new +starts over.*\n\/exit/)
    expect(pipe.written()).toContain('There is no /quit; /help lists the commands.')
    expect(shown).toEqual([])
  })

  it('stops an answer that repeats itself, and one that is longer than it may be', async () => {
    const { model } = scripted([`well ${'so it is '.repeat(5000)}`, letters(50)], 100_000)
    const pipe = terminal(false)
    pipe.type('one\ntwo\n')
    pipe.end()
    await converse(model, { ...flags, maxTokens: 1000 }, pipe.streams)
    expect(pipe.written()).toMatch(/so it is so it .*\n\(It repeats itself: stopped after \d+ tokens/)
    expect(pipe.written().length).toBeLessThan(1000)
    expect(pipe.written()).not.toContain('cut off')
  })

  it('says where an answer was cut off, and starts over where nothing fits', async () => {
    const { model, shown } = scripted(['abcdefgh', 'x'], 8)
    const pipe = terminal(false)
    pipe.type('four\nmuch too long\nz\n')
    pipe.end()
    await converse(model, flags, pipe.streams)
    expect(pipe.written()).toContain('abcd\n(cut off: the model holds no more)\n')
    expect(pipe.written()).toMatch(/has 23 tokens, more than the model can hold; it starts over\.\n.*x\n$/s)
    expect(shown).toEqual(['four', 'z'])
  })
})

describe('at a terminal', () => {
  it('dims the thinking and nothing else', async () => {
    const { model } = scripted(['<think> so </think> ten'])
    const tty = terminal(true)
    const ended = converse(model, flags, tty.streams)
    tty.type('five and five\r')
    await tty.until('ten')
    tty.type('/exit\r')
    await ended
    const [, ...dim] = tty.written().split('\x1b[2m')
    expect(dim.map((text) => text.split('\x1b[22m')[0]).join('')).toBe('so')
    expect(tty.written()).toContain('/help lists the commands')
  })

  it('Ctrl-C stops an answer, then ends', async () => {
    const { model, shown } = scripted([letters(100_000), 'well'], 200_000)
    const tty = terminal(true)
    const ended = converse(model, flags, tty.streams)
    tty.type('go on\r')
    await tty.until(letters(40))
    tty.type('\x03')
    await tty.until('(stopped)')
    tty.type('again\r')
    await tty.until('well')
    tty.type('\x03')
    await ended
    expect(shown[1]).toMatch(/^go on\|[a-z]+\|again$/)
    expect(shown[1]!.length).toBeLessThan(90_000)
  })
})
