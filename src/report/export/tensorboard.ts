/** TensorBoard's event files: TFRecords (length, masked CRC-32C, Event message) with one scalar a metric. */
import { crc32c } from '../../disk/crc32c.ts'
import { bytesField, doubleField, floatField, varintField } from '../../disk/protobuf.ts'
import type { CreateSink } from './metrics-sink.ts'

export const tensorboardSink: CreateSink = (_, { created }) => {
  const started = Date.parse(created) / 1000
  return {
    path: `events.out.tfevents.${Math.floor(started)}.r1`,
    start: () => tfRecord(Buffer.concat([doubleField(1, started), bytesField(3, 'brain.Event:2')])),
    row({ step, time, values }) {
      const scalars = Object.entries(values).map(([tag, value]) =>
        bytesField(1, [bytesField(1, tag), floatField(2, value)]),
      )
      return tfRecord(Buffer.concat([doubleField(1, time), varintField(2, step), bytesField(5, scalars)]))
    },
    end: () => Buffer.alloc(0),
  }
}

function tfRecord(data: Buffer): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(data.length))
  return Buffer.concat([length, maskedChecksum(length), data, maskedChecksum(data)])
}

function maskedChecksum(bytes: Buffer): Buffer {
  const crc = crc32c(bytes)
  const masked = Buffer.alloc(4)
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
  return masked
}
