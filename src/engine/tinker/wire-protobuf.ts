/**
 * The Tinker API's messages in Protocol Buffers: forward_backward's request, and the results of forward_backward,
 * forward and asample. The official SDK from 0.25 and SkyRL from 0.4 have these three in no other form. Arrays are bytes,
 * little endian. Left out: images, audio, sparse tensors, the likeliest tokens of a prompt.
 */
import protobuf from 'protobufjs'
import type { z } from 'zod'
import type { ForwardInput, forwardResult, sampleResult, WireTensor } from './wire.ts'

export const PROTOBUF = 'application/x-protobuf'

const { root } = protobuf.parse(
  `
syntax = "proto3";
enum StopReason { STOP_REASON_STOP = 0; STOP_REASON_LENGTH = 1; }
enum DType { DTYPE_UNSPECIFIED = 0; DTYPE_FLOAT32 = 1; DTYPE_INT64 = 2; }
message SampleResponse { repeated SampledSequence sequences = 1; optional bytes prompt_logprobs = 2; }
message SampledSequence { StopReason stop_reason = 1; bytes tokens = 2; optional bytes logprobs = 3; }
message Tensor { oneof encoding { bytes dense = 1; } DType dtype = 3; repeated int64 shape = 4; }
message BatchedTensor { bytes data = 1; bytes offsets = 2; DType dtype = 3; }
message ArrayRecord { string type_tag = 1; map<string, BatchedTensor> fields = 2; int64 num_datums = 3; }
message ForwardBackwardOutput {
  string loss_fn_output_type = 1; repeated ArrayRecord loss_fn_outputs = 2; map<string, double> metrics = 3;
}
message ForwardBackwardRequest {
  string model_id = 1; int32 seq_id = 2; repeated Datum data = 3; string loss_fn = 4;
  map<string, double> loss_fn_config = 5; bool forward_only = 6;
}
message Datum { repeated Chunk model_input = 1; map<string, Tensor> loss_fn_inputs = 2; }
message Chunk { oneof chunk { EncodedTextChunk encoded_text = 1; } }
message EncodedTextChunk { bytes tokens = 1; }
`,
  { keepCase: true },
)

const FLOAT32 = 1
const INT64 = 2

export interface ForwardBackwardRequest {
  model_id: string
  /** 0 is none. */
  seq_id: number
  input: ForwardInput
  /** Scores, without a gradient. */
  forwardOnly: boolean
}

export function encodeRequest({ model_id, seq_id, input, forwardOnly }: ForwardBackwardRequest): Uint8Array {
  const { data, loss_fn, loss_fn_config } = input
  return encode('ForwardBackwardRequest', {
    model_id,
    seq_id,
    loss_fn,
    loss_fn_config: loss_fn_config ?? {},
    forward_only: forwardOnly,
    data: data.map(({ model_input, loss_fn_inputs }) => ({
      model_input: model_input.chunks.map(({ tokens }) => ({
        encoded_text: { tokens: bytesOf(Int32Array.from(tokens)) },
      })),
      loss_fn_inputs: mapValues(loss_fn_inputs as Record<string, WireTensor>, ({ data: values, dtype }) =>
        dtype === 'int64'
          ? { dense: bytesOf(BigInt64Array.from(values, BigInt)), dtype: INT64, shape: [values.length] }
          : { dense: bytesOf(Float32Array.from(values)), dtype: FLOAT32, shape: [values.length] },
      ),
    })),
  })
}

export function decodeRequest(bytes: Uint8Array): ForwardBackwardRequest {
  const { model_id, seq_id, data, loss_fn, loss_fn_config, forward_only } = decode<{
    model_id: string
    seq_id: number
    data: {
      model_input: { encoded_text?: { tokens: Uint8Array } }[]
      loss_fn_inputs: Record<string, Dense>
    }[]
    loss_fn: string
    loss_fn_config: Record<string, number>
    forward_only: boolean
  }>('ForwardBackwardRequest', bytes)
  return {
    model_id,
    seq_id,
    forwardOnly: forward_only,
    input: {
      loss_fn,
      loss_fn_config,
      data: data.map(({ model_input, loss_fn_inputs }) => ({
        model_input: {
          chunks: model_input.map(({ encoded_text }) => {
            if (encoded_text === undefined) throw new Error('a chunk that is not text')
            return { type: 'encoded_text', tokens: Array.from(int32s(encoded_text.tokens)) }
          }),
        },
        loss_fn_inputs: mapValues(loss_fn_inputs, tensorOf),
      })),
    },
  }
}

interface Dense {
  dense?: Uint8Array
  dtype: number
}

function tensorOf({ dense, dtype }: Dense): WireTensor {
  if (dense === undefined) throw new Error('a tensor that is not dense')
  if (dtype === INT64) return { data: Array.from(int64s(dense), Number), dtype: 'int64' }
  return { data: Array.from(float32s(dense)), dtype: 'float32' }
}

type ForwardResult = z.infer<typeof forwardResult>
type SampleResult = z.infer<typeof sampleResult>

export function encodeForwardResult({ loss_fn_outputs, metrics }: ForwardResult): Uint8Array {
  const names = Object.keys(loss_fn_outputs[0] ?? {})
  const fields = Object.fromEntries(
    names.map((name) => {
      const arrays = loss_fn_outputs.map((output) => Float32Array.from(output[name]!.data))
      let end = 0
      const offsets = [0, ...arrays.map(({ byteLength }) => (end += byteLength))]
      const data = Buffer.concat(arrays.map(bytesOf))
      return [name, { data, offsets: bytesOf(BigInt64Array.from(offsets, BigInt)), dtype: FLOAT32 }]
    }),
  )
  const known = Object.entries(metrics ?? {}).filter(([, value]) => value !== null)
  return encode('ForwardBackwardOutput', {
    loss_fn_output_type: 'ArrayRecord',
    loss_fn_outputs: [{ type_tag: 'ArrayRecord', fields, num_datums: loss_fn_outputs.length }],
    metrics: Object.fromEntries(known),
  })
}

export function decodeForwardResult(bytes: Uint8Array): ForwardResult {
  const { loss_fn_outputs, metrics } = decode<{
    loss_fn_outputs: {
      fields: Record<string, { data: Uint8Array; offsets: Uint8Array }>
      num_datums: number
    }[]
    metrics: Record<string, number>
  }>('ForwardBackwardOutput', bytes)
  return {
    metrics,
    loss_fn_outputs: loss_fn_outputs.flatMap(({ fields, num_datums }) =>
      Array.from({ length: num_datums }, (_, datum) =>
        mapValues(fields, ({ data, offsets }): WireTensor => {
          const at = int64s(offsets)
          return { data: Array.from(float32s(data.subarray(Number(at[datum]), Number(at[datum + 1])))) }
        }),
      ),
    ),
  }
}

export function encodeSampleResult({ sequences, prompt_logprobs }: SampleResult): Uint8Array {
  return encode('SampleResponse', {
    sequences: sequences.map(({ stop_reason, tokens, logprobs }) => ({
      stop_reason: stop_reason === 'stop' ? 0 : 1,
      tokens: bytesOf(Int32Array.from(tokens)),
      ...(logprobs && { logprobs: bytesOf(Float32Array.from(logprobs)) }),
    })),
    ...(prompt_logprobs && {
      prompt_logprobs: bytesOf(Float32Array.from(prompt_logprobs, (logprob) => logprob ?? Number.NaN)),
    }),
  })
}

export function decodeSampleResult(bytes: Uint8Array): SampleResult {
  const { sequences, prompt_logprobs } = decode<{
    sequences: { stop_reason: number; tokens: Uint8Array; logprobs?: Uint8Array }[]
    prompt_logprobs?: Uint8Array
  }>('SampleResponse', bytes)
  return {
    sequences: sequences.map(({ stop_reason, tokens, logprobs }) => ({
      stop_reason: stop_reason === 0 ? 'stop' : 'length',
      tokens: Array.from(int32s(tokens)),
      logprobs: logprobs === undefined ? null : Array.from(float32s(logprobs)),
    })),
    prompt_logprobs:
      prompt_logprobs === undefined
        ? null
        : Array.from(float32s(prompt_logprobs), (logprob) => (Number.isNaN(logprob) ? null : logprob)),
  }
}

const encode = (type: string, message: object): Uint8Array => {
  const messageType = root.lookupType(type)
  return messageType.encode(messageType.fromObject(message)).finish()
}

/** Absent scalars are their zeros in proto3; absent are only optional fields and those that exclude each other. */
function decode<T>(type: string, bytes: Uint8Array): T {
  const messageType = root.lookupType(type)
  return messageType.toObject(messageType.decode(bytes), { longs: Number, defaults: true }) as T
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | BigInt64Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Copied, since views of numbers must be aligned. */
const aligned = (bytes: Uint8Array | undefined): ArrayBuffer => new Uint8Array(bytes ?? []).slice().buffer
const int32s = (bytes: Uint8Array | undefined) => new Int32Array(aligned(bytes))
const int64s = (bytes: Uint8Array | undefined) => new BigInt64Array(aligned(bytes))
const float32s = (bytes: Uint8Array | undefined) => new Float32Array(aligned(bytes))
