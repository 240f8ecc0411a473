import { expect, it } from 'vitest'
import { trainingBatch } from './wire-losses.ts'

const floats = (...data: number[]) => ({ data })
const batch = (targets: number[], inputs: Record<string, { data: number[] }>, loss_fn: string) =>
  trainingBatch({
    loss_fn,
    data: [
      {
        model_input: { chunks: [{ type: 'encoded_text', tokens: [5, 6, 7] }] },
        loss_fn_inputs: { target_tokens: { data: targets }, ...inputs },
      },
    ],
  }).batch[0]!

it('targets are the next tokens where something is taught, and anything elsewhere', () => {
  const compared = (targets: number[]) =>
    batch(targets, { logprobs: floats(0, -1, -1), advantages: floats(0, 2, 2) }, 'importance_sampling')
  expect(compared([0, 7, 8])).toMatchObject({
    tokens: Int32Array.of(5, 6, 7, 8),
    weights: Float32Array.of(0, 1, 1),
  })
  expect(() => compared([6, 0, 8])).toThrow('data.0.target_tokens.1 is not the next token')
  const imitated = (targets: number[]) => batch(targets, { weights: floats(0, 1, 1) }, 'cross_entropy')
  expect(imitated([0, 7, 8]).tokens).toEqual(Int32Array.of(5, 6, 7, 8))
  expect(() => imitated([6, 0, 8])).toThrow('data.0.target_tokens.1')
  expect(() => batch([0, 7, 8], {}, 'cross_entropy')).toThrow('data.0.target_tokens.0')
})
