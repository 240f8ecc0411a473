/** What a family of pocket problems offers: problems to train on, problems held out, and ways to think about each. */
import { hashText, type RandomStream } from '../../random.ts'
import type { Question } from '../task.ts'
import type { CorpusConfig } from './config.ts'
import type { Language, Speaker } from './speaker.ts'

export interface Thought {
  /** What stands between the think tags, with a space before each word; empty for no thought. */
  text: string
  /** What stands between the answer tags. */
  answer: string
}

export interface PocketProblem {
  /** One spelling for all ways to ask the same, e.g. `3,7,12=60`: held-out splits are drawn by it. */
  key: string
  prompt(language: Language): string
  /** A right answer. */
  answer: string
  data: NonNullable<Question['data']>
  /** A direct answer, mostly wrong; `thinks` asks for one line of computation before it. */
  guess(random: RandomStream, thinks: boolean): Thought
  /** At most this many steps or tries, then the last value is the answer. Thoughts fit in `maxTokens`. */
  giveUp(speaker: Speaker, tries: number, maxTokens: number, config: CorpusConfig): Thought
  /** Thinks until the answer is found. */
  persist(speaker: Speaker, maxTokens: number, config: CorpusConfig): Thought
}

export interface PocketFamily {
  name: string
  /** A random problem that is not held out. */
  draw(random: RandomStream): PocketProblem
  /** Distinct held-out problems in a fixed order; a caller takes the first n. */
  heldOut(): readonly PocketProblem[]
}

const HELD_OUT_SHARE = 0.1

/** Held out by the problem itself, so that no seed, order or wording can bring it into training. */
export function isHeldOut(family: string, key: string): boolean {
  return hashText(`${family}/${key}`) / 2 ** 32 < HELD_OUT_SHARE
}
