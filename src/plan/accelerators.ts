/** The stated model of the hardware: what an accelerator can do by its data sheet, and how much of that is reached. */

export interface Accelerator {
  title: string
  /** GB, 10⁹ bytes. */
  memory: number
  /** TB/s to its own memory. */
  bandwidth: number
  /** Dense BF16, TFLOP/s. */
  compute: number
  /** USD an hour; undefined where the plan must be told. */
  price?: number
}

/** Data sheets of the SXM form; H800's price is the paper's (R1 v2 SB.1). */
export const ACCELERATORS: Record<string, Accelerator> = {
  a100: { title: 'A100', memory: 80, bandwidth: 2.04, compute: 312 },
  h100: { title: 'H100', memory: 80, bandwidth: 3.35, compute: 989 },
  h200: { title: 'H200', memory: 141, bandwidth: 4.8, compute: 989 },
  h800: { title: 'H800', memory: 80, bandwidth: 3.35, compute: 989, price: 2 },
}

/** Accelerators that share fast links. */
export const NODE = 8

export interface Assumption {
  value: number
  what: string
  source: string
}

/** Everything in the estimate that is no data sheet and no arithmetic. */
export const ASSUMPTIONS = {
  computeShare: {
    value: 0.35,
    what: 'of the compute is reached',
    source: 'DeepSeek-V3 pre-trained on 14.8T tokens in 2.664M H800-hours',
  },
  bandwidthShare: { value: 0.7, what: 'of the bandwidth is reached in decoding', source: 'assumed' },
  memoryShare: { value: 0.9, what: 'of the memory is for tensors', source: 'assumed' },
  layerMicroseconds: {
    value: 50,
    what: 'µs more for each layer of a decoding step',
    source: 'assumed: launches, reductions within a node',
  },
  expertMicroseconds: {
    value: 428,
    what: 'µs more where its experts are on several nodes',
    source: "DeepEP's table, 32 H800: 155 to dispatch, 273 to combine",
  },
  acceptedTokens: {
    value: 1.8,
    what: 'tokens a step with a prediction module',
    source: "DeepSeek-V3's report",
  },
  lengthShare: {
    value: 1 / 6,
    what: 'of the limit is the mean response',
    source: "R1-Zero's curve: hundreds to about 10,000 of 32,768",
  },
  promptTokens: { value: 256, what: 'tokens of a prompt', source: 'assumed' },
  hostBandwidth: {
    value: 25,
    what: 'GB/s to the host, where idle models wait',
    source: 'assumed: two fifths of PCIe 5 x16',
  },
} satisfies Record<string, Assumption>
