/**
 * Where each response of a rollout file stands and what lists need to know of it. At the paper's size such a file has
 * gigabytes: it is indexed piece by piece, only the text before the tokens is parsed, and no text is kept.
 */
import { readBytes, readLinesFor } from '../../disk/growing-lines.ts'
import type { RolloutRow } from '../../rollout/rollout-rows.ts'
import { isMixed } from '../../text/language.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import type { RolloutFilter, RolloutGroup, RolloutList, RolloutMark, RolloutOrder } from './api.ts'

/** A line of `rollouts/000012.jsonl`, whose tokens may not be read yet, or of an evaluation, which may have none. */
export type RolloutLine = Omit<RolloutRow, 'tokens' | 'logprobs'> &
  Partial<Pick<RolloutRow, 'tokens' | 'logprobs'>>

interface IndexedGroup extends RolloutGroup {
  /** Byte ranges of its lines; `head` is the part before the tokens. */
  lines: { start: number; length: number; head: number }[]
}

export interface RolloutIndex {
  /** Reads on for about so long; the share of the file that is indexed, 1 at its end. */
  advance(milliseconds: number): Promise<number>
  /** Those whose responses are all indexed. */
  readonly groups: readonly IndexedGroup[]
  /** The lines of a group, whole. */
  read(group: IndexedGroup): Promise<RolloutLine[]>
  /** Does the prompt or a response of this group hold the text, whatever its case? */
  mentions(group: IndexedGroup, text: string): Promise<boolean>
}

const PROMPT_LENGTH = 400
const TOKENS = Buffer.from(',"tokens":[')
const [COMMA, CLOSE, OPEN] = [44, 93, 91]

export function openRolloutIndex(path: string): RolloutIndex {
  const groups: IndexedGroup[] = []
  let offset = 0
  let share = 0
  let reading: Promise<number> | undefined

  async function advance(milliseconds: number): Promise<number> {
    const look = await readLinesFor(milliseconds, path, offset, add)
    offset = look.offset
    share = look.share
    return share
  }

  function add(bytes: Buffer, start: number): void {
    const found = head(bytes)
    if (found === undefined) return
    const { line, length, tokens } = found
    let group = groups.at(-1)
    if (group?.group !== line.group) {
      const { question, answer } = line
      group = {
        group: line.group,
        question,
        prompt: line.prompt.slice(0, PROMPT_LENGTH),
        answer,
        marks: [],
        lines: [],
      }
      groups.push(group)
    }
    group.marks.push(markOf(line, tokens))
    group.lines.push({ start, length: bytes.length, head: length })
  }

  const read = async ({ lines }: IndexedGroup) =>
    await Promise.all(
      lines.map(
        async ({ start, length }) =>
          JSON.parse((await readBytes(path, start, length)).toString('utf8')) as RolloutLine,
      ),
    )
  return {
    advance: (milliseconds) => (reading ??= advance(milliseconds).finally(() => (reading = undefined))),
    // The last one may continue in the next line.
    get groups() {
      return share === 1 ? groups : groups.slice(0, -1)
    },
    read,
    async mentions(group, text) {
      const wanted = text.toLowerCase()
      for (const { start, head: length } of group.lines) {
        const { line } = head(await readBytes(path, start, length + TOKENS.length)) ?? {}
        if (line === undefined) continue
        if (`${line.prompt}\n${line.question}\n${line.text}`.toLowerCase().includes(wanted)) return true
      }
      return false
    },
  }
}

/** Groups that have a response of this kind, in this order, from place `from` on; at most `limit`, for about so long. */
export async function listGroups(
  index: RolloutIndex,
  query: {
    filter: RolloutFilter
    order: RolloutOrder
    search: string
    from: number
    limit: number
    milliseconds: number
  },
): Promise<RolloutList> {
  const until = performance.now() + query.milliseconds
  const wanted = Math.max(1, query.limit)
  // In the file's own order the first page needs no more of the index than itself.
  const early = query.order === 'file' && query.search === '' && query.filter === 'all'
  const read = await index.advance(
    early && index.groups.length > query.from + wanted ? 0 : query.milliseconds,
  )
  const sorted = order(
    index.groups.filter(({ marks }) => marks.some((mark) => passes(mark, query.filter))),
    query.order,
  )
  const groups: RolloutGroup[] = []
  let place = query.from
  for (; place < sorted.length && groups.length < wanted; place++) {
    const { lines, ...group } = sorted[place]!
    if (query.search === '' || (await index.mentions(sorted[place]!, query.search))) groups.push(group)
    if (query.search !== '' && performance.now() > until) {
      place++
      break
    }
  }
  return {
    read,
    total: index.groups.length,
    matching: sorted.length,
    groups,
    next: place < sorted.length || read < 1 ? place : null,
    summary: summary(index.groups),
  }
}

function passes(mark: RolloutMark, filter: RolloutFilter): boolean {
  if (filter === 'right') return mark.right
  if (filter === 'wrong') return !mark.right
  if (filter === 'truncated') return mark.truncated
  if (filter === 'mixed') return mark.mixed
  return true
}

export function markOf(line: RolloutLine, tokens: number): RolloutMark {
  const { accuracy } = line.rewards
  return {
    sample: line.sample,
    right: (accuracy ?? line.reward) > 0,
    truncated: line.stopReason === 'length',
    mixed: isMixed(splitReasoning(line.text).thinking ?? line.text),
    tokens,
    reward: line.reward,
    advantage: line.advantage ?? null,
  }
}

const share = ({ marks }: RolloutGroup) => marks.filter(({ right }) => right).length / marks.length
const longest = ({ marks }: RolloutGroup) => Math.max(...marks.map(({ tokens }) => tokens))

function order(groups: IndexedGroup[], by: RolloutOrder): IndexedGroup[] {
  if (by === 'longest') return groups.sort((a, b) => longest(b) - longest(a))
  if (by === 'hardest') return groups.sort((a, b) => share(a) - share(b))
  if (by === 'easiest') return groups.sort((a, b) => share(b) - share(a))
  if (by === 'contested') return groups.sort((a, b) => Math.abs(share(a) - 0.5) - Math.abs(share(b) - 0.5))
  return groups
}

function summary(groups: readonly RolloutGroup[]): RolloutList['summary'] {
  const sums = { responses: 0, right: 0, truncated: 0, mixed: 0, tokens: 0 }
  for (const { marks } of groups)
    for (const { right, truncated, mixed, tokens } of marks) {
      sums.responses++
      sums.right += Number(right)
      sums.truncated += Number(truncated)
      sums.mixed += Number(mixed)
      sums.tokens += tokens
    }
  const { tokens, ...counts } = sums
  return { ...counts, meanTokens: sums.responses === 0 ? 0 : tokens / sums.responses }
}

/** The fields before `tokens`, and how many tokens follow. A quote in a string is escaped, so the mark is the key itself. */
function head(bytes: Buffer): { line: RolloutLine; length: number; tokens: number } | undefined {
  const at = bytes.indexOf(TOKENS)
  try {
    const line = JSON.parse(
      at < 0 ? bytes.toString('utf8') : `${bytes.toString('utf8', 0, at)}}`,
    ) as RolloutLine
    if (!isWhole(line)) return undefined
    return {
      line,
      length: at < 0 ? bytes.length : at,
      tokens: at < 0 ? 0 : countNumbers(bytes, at + TOKENS.length),
    }
  } catch {
    return undefined
  }
}

/** Whether a line has all that lists and cards show of it. A damaged one does not. */
function isWhole(line: RolloutLine | null): line is RolloutLine {
  if (typeof line !== 'object' || line === null) return false
  const { group, sample, reward, rewards, text, prompt, question, answer } = line
  return (
    [group, sample, reward].every((one) => typeof one === 'number') &&
    [text, prompt, question, answer].every((one) => typeof one === 'string') &&
    typeof rewards === 'object' &&
    rewards !== null
  )
}

function countNumbers(bytes: Buffer, from: number): number {
  if (bytes[from] === CLOSE || bytes[from] === OPEN || from >= bytes.length) return 0
  let count = 1
  for (let i = from; i < bytes.length && bytes[i] !== CLOSE; i++) if (bytes[i] === COMMA) count++
  return count
}
