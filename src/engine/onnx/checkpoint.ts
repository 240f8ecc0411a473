import type { DecoderConfig } from '../../model/config.ts'
import type { AdamWState } from './adamw.ts'
import type { Weights } from './weights.ts'
export async function writeCheckpoint(
  _f: string,
  _c: DecoderConfig,
  _w: Weights,
  _a: AdamWState | undefined,
  _x: object,
) {}
export async function readCheckpoint(
  _f: string,
  _c: DecoderConfig,
  _w: Weights,
  _a: AdamWState | undefined,
) {}
