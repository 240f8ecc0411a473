/**
 * The stream behind `r1 verify`: lines in, verdicts out, in the same order, several at once and never all in memory.
 * A line that is no case is answered with what is wrong with it. Ids come back as they came, and numbers given for texts are taken
 * as they are written.
 */

import { limiter } from '../engine/limiter.ts'
import { DataError } from '../errors.ts'
import { type Case, notAString, type VerifyCase } from '../verifiers/case.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import { fieldSource } from './json-source.ts'

export interface ResultLine {
  outcome: 'correct' | 'wrong' | 'malformed'
  /** One line of JSON: `{id, correct, extracted, reason}`, or `{id, line, error}` for a line that is no case. */
  text: string
}

/** Results of slow cases hold back at most this many finished ones for each that may run. */
const WAITING_PER_RUNNING = 16

/** One result a line; blank lines have none. */
export async function* verifyLines(
  chunks: AsyncIterable<string>,
  verify: VerifyCase,
  concurrency: number,
): AsyncGenerator<ResultLine> {
  const limited = limiter(concurrency)
  const results: Promise<ResultLine>[] = []
  for await (const { line, text } of splitLines(chunks)) {
    results.push(limited(() => verifyLine(line, text, verify)))
    if (results.length >= concurrency * WAITING_PER_RUNNING) yield await results.shift()!
  }
  for (const result of results) yield await result
}

async function verifyLine(line: number, text: string, verify: VerifyCase): Promise<ResultLine> {
  try {
    const { correct, extracted, reason } = await verdictOn(parseCase(text), verify)
    return { outcome: correct ? 'correct' : 'wrong', text: withId(text, { correct, extracted, reason }) }
  } catch (error) {
    return { outcome: 'malformed', text: withId(text, { line, error: messageOf(error) }) }
  }
}

/** A verifier that fails costs its case the verdict; a case that makes no sense is malformed. */
async function verdictOn(given: Case, verify: VerifyCase): Promise<Verdict> {
  try {
    return await verify(given)
  } catch (error) {
    if (error instanceof DataError) throw error
    return { correct: false, extracted: null, reason: `the verifier failed: ${messageOf(error)}` }
  }
}

function withId(line: string, result: Record<string, unknown>): string {
  return `{"id":${idOf(line)},${JSON.stringify(result).slice(1)}`
}

function idOf(line: string): string {
  const id = fieldSource(line, 'id')
  try {
    JSON.parse(id ?? '')
    return id!
  } catch {
    return 'null'
  }
}

function parseCase(text: string): Case {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch (cause) {
    throw new DataError(`not JSON: ${messageOf(cause)}.`)
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new DataError('not a JSON object.', { expected: '{"id", "gold", "prediction"}' })
  const { id = null, ...fields } = row as Record<string, unknown>
  const [gold, prediction] = ['gold', 'prediction'].map((name) =>
    typeof fields[name] === 'number' ? fieldSource(text, name) : fields[name],
  )
  if (typeof prediction !== 'string') throw notAString('prediction', prediction)
  if (gold !== undefined && typeof gold !== 'string') throw notAString('gold', gold)
  return { id, gold, prediction, row: row as Record<string, unknown> }
}

/** Splits at line feeds alone, since other separators may stand inside JSON strings; passes over blank lines. */
async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let line = 0
  let open: string[] = []
  for await (const chunk of chunks) {
    const [first, ...further] = chunk.split('\n')
    open.push(first!)
    for (const next of further) {
      yield* numbered(open.join(''), ++line)
      open = [next]
    }
  }
  yield* numbered(open.join(''), ++line)
}

function* numbered(text: string, line: number): Generator<{ line: number; text: string }> {
  const plain = (line === 1 ? text.replace(/^\ufeff/, '') : text).trim()
  if (plain !== '') yield { line, text: plain }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
