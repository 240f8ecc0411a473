/**
 * A Weights & Biases offline run, as `wandb` itself leaves one: `wandb sync <folder>` uploads it. The file is
 * LevelDB's log format (blocks of 32 kB, here with zlib's CRC-32) of protobuf Records: header, run with its settings,
 * history, summary, exit. Left out: system metrics, console output, files, artifacts.
 */
import { crc32 } from 'node:zlib'
import { bytesField, varintField } from '../../disk/protobuf.ts'
import { hashText } from '../../random.ts'
import type { CreateSink } from './metrics-sink.ts'

const BLOCK = 32_768
const HEADER = 7
/** Kinds of pieces of a record. */
const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4]

export const wandbSink: CreateSink = (name, info) => {
  const { created, config, recipe, seed, version } = info
  const id = hashText(`${name}/${created}`).toString(36)
  const started = Date.parse(created) / 1000
  const stamp = created.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')
  let records = 0
  let written = 0
  let last: Record<string, number> = {}

  /** The record cut at the ends of blocks. */
  function framed(data: Buffer): Buffer {
    const pieces: Buffer[] = []
    let rest = data
    for (let first = true; first || rest.length > 0; first = false) {
      const left = BLOCK - (written % BLOCK)
      if (left < HEADER) {
        pieces.push(Buffer.alloc(left))
        written += left
      }
      const piece = rest.subarray(0, BLOCK - (written % BLOCK) - HEADER)
      rest = rest.subarray(piece.length)
      const ended = rest.length === 0
      const kind = first ? (ended ? FULL : FIRST) : ended ? LAST : MIDDLE
      const header = Buffer.alloc(HEADER)
      header.writeUInt32LE(crc32(piece, crc32(Buffer.of(kind!))), 0)
      header.writeUInt16LE(piece.length, 4)
      header.writeUInt8(kind!, 6)
      pieces.push(header, piece)
      written += HEADER + piece.length
    }
    return Buffer.concat(pieces)
  }
  const record = (field: number, message: readonly Buffer[]) =>
    framed(Buffer.concat([varintField(1, ++records), bytesField(field, message)]))
  /** Key and JSON value, the form of settings, history and summary alike. */
  const item = (key: string, value: unknown) =>
    bytesField(1, [bytesField(1, key), bytesField(16, JSON.stringify(value))])

  return {
    path: `offline-run-${stamp}-${id}/run-${id}.wandb`,
    start() {
      records = 0
      last = {}
      written = HEADER
      const settings = Object.entries({ ...config, recipe, seed, r1Version: version })
      return Buffer.concat([
        Buffer.from(':W&B'),
        Buffer.of(0xe1, 0xbe, 0),
        record(21, [bytesField(1, [bytesField(1, '0.19.0'), bytesField(2, '0.13.0')])]),
        record(17, [
          bytesField(1, id),
          bytesField(3, 'r1-ts'),
          bytesField(
            4,
            settings.map(([key, value]) => item(key, value)),
          ),
          bytesField(8, name),
          bytesField(17, [varintField(1, Math.floor(started))]),
        ]),
      ])
    },
    row({ step, time, values }) {
      last = { ...last, ...values, _step: step, _timestamp: time, _runtime: time - started }
      const now = { ...values, _step: step, _timestamp: time, _runtime: time - started }
      return record(2, [
        ...Object.entries(now).map(([key, value]) => item(key, value)),
        bytesField(2, [varintField(1, step)]),
      ])
    },
    end: () =>
      Buffer.concat([
        record(
          3,
          Object.entries(last).map(([key, value]) => item(key, value)),
        ),
        record(18, [varintField(2, Math.round(last._runtime ?? 0))]),
      ]),
  }
}
