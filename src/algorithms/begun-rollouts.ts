/** Rollouts that a checkpoint's run had begun, in a file of the checkpoint: one part of a rollout a line. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonlFile, writeJsonl } from '../disk/jsonl.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import type { BegunPart } from './rollout-schedule.ts'

const FILE = 'begun-rollouts.jsonl'

type SavedRollout = Omit<Rollout, 'question' | 'prompt' | 'tokens' | 'logprobs'> &
  Record<'prompt' | 'tokens' | 'logprobs', number[]>
type SavedPart = Omit<BegunPart, 'groups'> & {
  groups?: { question: Group['question']; rollouts: SavedRollout[] }[]
}

/** Numbers are exact. Nothing is written where nothing was begun. */
export async function writeBegun(folder: string, begun: readonly BegunPart[]): Promise<void> {
  if (begun.length > 0) await writeJsonl(join(folder, FILE), begun.map(saved))
}

export async function readBegun(folder: string): Promise<BegunPart[]> {
  const file = join(folder, FILE)
  return existsSync(file)
    ? (await readJsonlFile(file)).map((row) => restored(row as unknown as SavedPart))
    : []
}

const saved = ({ groups, ...part }: BegunPart): SavedPart => ({
  ...part,
  ...(groups && {
    groups: groups.map(({ question, rollouts }) => ({
      question,
      rollouts: rollouts.map(({ question: _, prompt, tokens, logprobs, ...rest }) => ({
        ...rest,
        prompt: Array.from(prompt),
        tokens: Array.from(tokens),
        logprobs: Array.from(logprobs),
      })),
    })),
  }),
})

const restored = ({ groups, ...part }: SavedPart): BegunPart => ({
  ...part,
  ...(groups && {
    groups: groups.map(({ question, rollouts }) => ({
      question,
      rollouts: rollouts.map(({ prompt, tokens, logprobs, ...rest }) => ({
        ...rest,
        question,
        prompt: Int32Array.from(prompt),
        tokens: Int32Array.from(tokens),
        logprobs: Float32Array.from(logprobs),
      })),
    })),
  }),
})
