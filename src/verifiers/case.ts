/** One thing to judge, as `r1 verify` and the reward service are given it. */
import { DataError } from '../errors.ts'
import type { Verdict } from './verifier.ts'

export interface Case {
  id: unknown
  prediction: string
  /** Missing only where the kind of verifier can do without. */
  gold: string | undefined
  /** The whole row, for what else a verifier takes. */
  row: Record<string, unknown>
}

/** Throws a DataError for a case that makes no sense; any other error is the verifier's own failure. */
export type VerifyCase = (given: Case) => Verdict | Promise<Verdict>

export interface LoadedVerifier {
  verify: VerifyCase
  close?: () => Promise<void>
}

/** The case's gold, for verifiers that cannot do without. */
export function goldOf({ gold }: Case): string {
  if (gold === undefined) throw notAString('gold', undefined)
  return gold
}

export function notAString(field: string, value: unknown): DataError {
  const found = value === undefined ? 'is missing' : 'is not a string'
  return new DataError(`${field} ${found}.`, { expected: `"${field}": "…"` })
}
