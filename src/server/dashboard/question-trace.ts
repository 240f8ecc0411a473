/** One problem followed through a run: every file of responses is searched for it as bytes, and parsed only where it stands. */
import { closeSync, openSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { fileIdentity } from '../../disk/growing-lines.ts'
import type { QuestionTrace } from './api.ts'
import type { RolloutIndex } from './rollout-index.ts'

const CHUNK = 1 << 22

/** The groups that answer this question, source by source, and how far the search is; less once the client has `left`. */
export async function* traceQuestion(
  sources: readonly { name: string; path: string }[],
  question: string,
  left: AbortSignal,
  indexOf: (path: string) => RolloutIndex,
): AsyncGenerator<QuestionTrace> {
  const needle = Buffer.from(`"question":${JSON.stringify(question)}`)
  for (const [i, { name, path }] of sources.entries()) {
    if (await contains(path, needle)) {
      const index = indexOf(path)
      while (!left.aborted && (await index.advance(1000)) < 1);
      for (const { lines, ...group } of index.groups)
        if (group.question === question) yield { source: name, group }
    }
    yield { searched: i + 1, of: sources.length }
  }
}

async function contains(path: string, needle: Buffer): Promise<boolean> {
  const size = fileIdentity(path)?.size ?? 0
  if (size === 0) return false
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, CHUNK) + needle.length)
    for (let offset = 0; offset < size; offset += CHUNK) {
      const length = readSync(file, buffer, 0, buffer.length, offset)
      if (buffer.subarray(0, length).includes(needle)) return true
      await setImmediate()
    }
    return false
  } finally {
    closeSync(file)
  }
}
