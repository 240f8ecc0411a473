import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crc32c } from '../../disk/crc32c.ts'
import { createRun, type Run } from '../../run/folder.ts'
import { exportRun } from './export-run.ts'
import { tensorboardSink } from './tensorboard.ts'
import { wandbSink } from './wandb.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CREATED = '2026-11-23T10:00:00.000Z'
const STARTED = Date.parse(CREATED) / 1000
let run: Run
beforeAll(async () => {
  const config = { task: 'x'.repeat(70_000), grpo: { steps: 3 } }
  run = await createRun(join(folder, 'two'), {
    recipe: 'r1-zero',
    version: '0',
    seed: 1,
    created: CREATED,
    config,
    sources: {},
  })
  run.log({ step: 0, evaluation: { pass1: 0.25, benchmark: 'pocket' } })
  for (const step of [1, 2]) {
    run.log({ step, reward: step / 2, note: 'text' })
    run.logTiming({ step, trainSeconds: 1.5, tokensPerSecond: 1000 })
  }
  run.log({ step: 2, evaluation: { pass1: 0.5 } })
})
afterAll(() => run.close())

/** Fields of a message: varints and fixed numbers as numbers, the rest as bytes. */
function fields(bytes: Buffer): [number, number | Buffer][] {
  const found: [number, number | Buffer][] = []
  let at = 0
  const varint = () => {
    let [value, scale, byte] = [0, 1, 128]
    for (; byte >= 128; scale *= 128) {
      byte = bytes[at++]!
      value += (byte % 128) * scale
    }
    return value
  }
  const fixed = (size: number, read: (at: number) => number) => {
    at += size
    return read(at - size)
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = tag >> 3
    if (tag % 8 === 0) found.push([field, varint()])
    else if (tag % 8 === 1) found.push([field, fixed(8, (from) => bytes.readDoubleLE(from))])
    else if (tag % 8 === 5) found.push([field, fixed(4, (from) => bytes.readFloatLE(from))])
    else {
      const length = varint()
      at += length
      found.push([field, bytes.subarray(at - length, at)])
    }
  }
  return found
}
const all = (message: readonly [number, number | Buffer][], field: number) =>
  message.flatMap(([number, value]) => (number === field ? [value] : [])) as Buffer[]

it('crc32c of the check string', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

describe('TensorBoard', () => {
  it('an event a step, with checksums', async () => {
    const { file, steps } = await exportRun({
      run: run.folder,
      createSink: tensorboardSink,
      out: join(folder, 'tb'),
    })
    expect(steps).toBe(3)
    const bytes = readFileSync(file)
    const events: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const length = Number(bytes.readBigUInt64LE(at))
      events.push(bytes.subarray(at + 12, at + 12 + length))
      at += 16 + length
    }
    expect(Buffer.from(fields(events[0]!)[1]![1] as Buffer).toString()).toBe('brain.Event:2')
    const scalars = events.slice(1).map((event) => {
      const message = fields(event)
      const values = all(fields(all(message, 5)[0]!), 1).map((value) => {
        const [[, tag], [, scalar]] = fields(value) as [[number, Buffer], [number, number]]
        return [tag.toString(), scalar]
      })
      return { time: all(message, 1)[0], step: all(message, 2)[0], ...Object.fromEntries(values) }
    })
    expect(scalars).toEqual([
      { time: STARTED, step: 0, 'evaluation/pass1': 0.25 },
      {
        time: STARTED + 1.5,
        step: 1,
        'train/reward': 0.5,
        'timing/trainSeconds': 1.5,
        'timing/tokensPerSecond': 1000,
        'timing/residentBytes': expect.any(Number),
      },
      {
        time: STARTED + 3,
        step: 2,
        'train/reward': 1,
        'evaluation/pass1': 0.5,
        'timing/trainSeconds': 1.5,
        'timing/tokensPerSecond': 1000,
        'timing/residentBytes': expect.any(Number),
      },
    ])
  })
})

describe('Weights & Biases', () => {
  it('records in blocks: header, run, a history row a step, summary, exit', async () => {
    const { file } = await exportRun({ run: run.folder, createSink: wandbSink, out: join(folder, 'wb') })
    const bytes = readFileSync(file)
    expect(bytes.subarray(0, 7)).toEqual(Buffer.from([...Buffer.from(':W&B'), 0xe1, 0xbe, 0]))
    const records: Buffer[] = []
    const pieces: Buffer[] = []
    for (let at = 7; at < bytes.length; ) {
      if (32_768 - (at % 32_768) < 7) at += 32_768 - (at % 32_768)
      const [length, kind] = [bytes.readUInt16LE(at + 4), bytes[at + 6]!]
      const data = bytes.subarray(at + 7, at + 7 + length)
      expect(bytes.readUInt32LE(at)).toBe(crc32(data, crc32(Buffer.of(kind))))
      pieces.push(data)
      at += 7 + length
      if (kind === 1 || kind === 4) records.push(Buffer.concat(pieces.splice(0)))
    }
    expect(pieces).toEqual([])
    const kinds = records.map((record) => fields(record).map(([field]) => field))
    // Longer than a block: the run with its settings.
    expect(kinds).toEqual([
      [1, 21],
      [1, 17],
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 3],
      [1, 18],
    ])
    const items = (message: Buffer) =>
      Object.fromEntries(
        all(fields(message), 1).map((item) => {
          const [[, key], [, json]] = fields(item) as [[number, Buffer], [number, Buffer]]
          return [key.toString(), JSON.parse(json.toString())]
        }),
      )
    expect(items(all(fields(records[4]!), 2)[0]!)).toMatchObject({ 'train/reward': 1, _step: 2, _runtime: 3 })
    expect(items(all(fields(records[5]!), 3)[0]!)).toMatchObject({ 'evaluation/pass1': 0.5, _step: 2 })
  })
})

it('follows a run, starts over when it goes back, and ends with it', async () => {
  const stop = new AbortController()
  const seen: number[] = []
  const done = exportRun({
    run: run.folder,
    createSink: tensorboardSink,
    out: join(folder, 'live'),
    follow: { everySeconds: 0.01, signal: stop.signal, onSteps: (steps) => seen.push(steps) },
  })
  await expect.poll(() => seen.at(-1)).toBe(2)
  run.log({ step: 3, reward: 2 })
  await expect.poll(() => seen.at(-1)).toBe(3)
  await run.resume()
  await expect.poll(() => seen.at(-1)).toBe(0)
  run.log({ step: 1, reward: 3 })
  run.close()
  const { file, steps } = await done
  expect(steps).toBe(1)
  const whole = await exportRun({ run: run.folder, createSink: tensorboardSink, out: join(folder, 'whole') })
  expect(readFileSync(file)).toEqual(readFileSync(whole.file))
})
