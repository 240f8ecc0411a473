/**
 * How much one file may ask for. Each limit is far above what real files need, and low enough that a file made to ask
 * for more is refused within a second or two and before memory is short.
 */

const MB = 1 << 20

export const LIMITS = {
  /** One line of JSONL. A rollout of 128k tokens with every log-probability takes 10 MB; a string in Node 512. */
  lineBytes: 256 * MB,
  /** A file that is read as a whole: CSV, JSON, a tokenizer. The largest tokenizer.json in use has 35 MB. */
  wholeFileBytes: 256 * MB,
  /** What a compressed file may unpack to, as a multiple of its size, once it is past the first 64 MB. Text packs ten to one, repeated text a hundred. */
  unpackedRatio: 200,
  unpackedFreeBytes: 64 * MB,
  /** One page of a Parquet file, unpacked; writers aim at one megabyte. */
  pageBytes: 256 * MB,
  /** One row group, which is held in memory as a whole: its unpacked bytes, and its values of all columns. */
  rowGroupBytes: 2048 * MB,
  rowGroupValues: 16_000_000,
  /** Layers of a decoder; the deepest model in use has 126. */
  layers: 1024,
  /** Experts of a layer; the most in use are 512. */
  experts: 4096,
  /** Any other size in config.json; the largest in use are Llama 4's ten million positions. */
  size: 1 << 27,
} as const

/** Bytes in words that a sentence can hold. */
export const megabytes = (bytes: number): string => `${Math.ceil(bytes / MB)} MB`
