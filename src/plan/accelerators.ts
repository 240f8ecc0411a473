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

/** One device, on which the embedded engine computes in float32. */
export interface SingleDevice {
  title: string
  /** GB that graphs may take. */
  memory: number
  /** TB/s to its own memory. */
  bandwidth: number
  /** Float32, TFLOP/s. */
  compute: number
}

/** Data sheets. Apple's chips share their memory: a program may have two thirds of it, three quarters from 48 GB on. */
export const SINGLE_DEVICES: readonly SingleDevice[] = [
  { title: 'RTX 4060, 8 GB', memory: 8, bandwidth: 0.272, compute: 15.1 },
  { title: 'RTX 4080, 16 GB', memory: 16, bandwidth: 0.717, compute: 48.7 },
  { title: 'RTX 4090, 24 GB', memory: 24, bandwidth: 1.008, compute: 82.6 },
  { title: 'H100, 80 GB', memory: 80, bandwidth: 3.35, compute: 67 },
  { title: 'Apple M4, 16 GB', memory: 10.7, bandwidth: 0.12, compute: 4.3 },
  { title: 'Apple M4 Pro, 48 GB', memory: 36, bandwidth: 0.273, compute: 9.2 },
  { title: 'Apple M4 Max, 128 GB', memory: 96, bandwidth: 0.546, compute: 18.4 },
]

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

/** What the plan of one device assumes besides; none of it has been measured on such a device. */
export const SINGLE_ASSUMPTIONS = {
  memoryShare: ASSUMPTIONS.memoryShare,
  bandwidthShare: ASSUMPTIONS.bandwidthShare,
  lengthShare: ASSUMPTIONS.lengthShare,
  promptTokens: ASSUMPTIONS.promptTokens,
  computeShare: { value: 0.3, what: 'of the float32 compute is reached', source: 'assumed' },
  dispatchMicroseconds: { value: 10, what: 'µs more for each kernel of a decoding step', source: 'assumed' },
} satisfies Record<string, Assumption>
