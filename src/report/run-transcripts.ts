/** Transcripts for a report, from the responses that a run kept of its evaluations. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonl } from '../disk/jsonl.ts'
import type { Transcript, TranscriptResponse } from './transcript.ts'

interface Kept {
  sample: number
  question: string
  prompt: string
  answer: string
  text: string
  reward: number
  tokens: unknown[]
}

/**
 * Up to `count` problems, those first that the base got wrong and the trained model, whose name is `name`, right; none where
 * nothing was kept.
 */
export async function runTranscripts(folder: string, count: number, name = 'trained'): Promise<Transcript[]> {
  const before = await firstResponses(folder, 'base')
  const after = await firstResponses(folder, 'trained')
  const gain = (id: string) => Number(after.get(id)!.reward > 0) - Number(before.get(id)!.reward > 0)
  return [...after.keys()]
    .filter((id) => before.has(id))
    .sort((a, b) => gain(b) - gain(a))
    .slice(0, count)
    .map((id) => {
      const { prompt, answer } = after.get(id)!
      return {
        question: prompt,
        answer,
        responses: [spoken('base', before.get(id)!), spoken(name, after.get(id)!)],
      }
    })
}

/** By question, from `evaluations/<name>.jsonl`. */
export async function firstResponses(folder: string, name: string): Promise<Map<string, Kept>> {
  const path = join(folder, 'evaluations', `${name}.jsonl`)
  const found = new Map<string, Kept>()
  if (!existsSync(path)) return found
  for await (const { value } of readJsonl(path)) {
    const row = value as unknown as Kept
    if (row.sample === 0) found.set(row.question, row)
  }
  return found
}

export const spoken = (name: string, { text, reward, tokens }: Kept): TranscriptResponse => ({
  name,
  text,
  correct: reward > 0,
  numTokens: tokens.length,
})
