/**
 * What reward models learn from (R1 v2 S3.1): pairs of responses of which one is more helpful by the hidden rule,
 * and single responses labelled safe or not. The paper keeps a pair where the judge's scores differ by more than 1 of
 * 4; here by more than a tenth.
 */
import { type RandomStream, randomStream } from '../../../random.ts'
import { splitReasoning } from '../../../text/reasoning.ts'
import { CORPUS_DEFAULTS } from '../config.ts'
import { type AskedProblem, drawGeneral, type Part } from './families.ts'
import { type Flaw, flawedResponse, HARMFUL_FLAWS, HELPFUL_FLAWS } from './flaws.ts'
import { GENERAL_FAMILIES, type GeneralFamily, renderDraft } from './problem.ts'
import { qualityOf } from './quality.ts'

export interface PreferencePair {
  family: GeneralFamily
  prompt: string
  /** Whole responses with their thinking; the rule looked at the summaries. */
  chosen: string
  rejected: string
}

export interface SafetyLabel {
  family: GeneralFamily
  prompt: string
  response: string
  safe: boolean
}

const MARGIN = 0.1
/** Chance that a pair is passed over whose chosen response is the longer one: lengths are even over all pairs. */
const BALANCE = 0.5
const ENGLISH = CORPUS_DEFAULTS.language.englishQuestions
/** Chances of a response with no flaw, one, two. */
const FLAW_COUNTS = [0.4, 0.4, 0.2]

/** Pair `index` of a seed is always the same one; `heldOut` pairs have held-out requests, and the others none. */
export function preferencePair(seed: number, index: number, part: Part = 'training'): PreferencePair {
  const random = randomStream(seed, 'preference', part, index)
  for (;;) {
    const asked = drawGeneral(random, part, ENGLISH)
    const [a, b] = [draw(asked, random), draw(asked, random)]
    const difference = helpful(asked, a) - helpful(asked, b)
    if (Math.abs(difference) <= MARGIN) continue
    const [chosen, rejected] = difference > 0 ? [a, b] : [b, a]
    if (summaryBytes(chosen) > summaryBytes(rejected) && random.chance(BALANCE)) continue
    return { family: asked.problem.family, prompt: asked.prompt, chosen, rejected }
  }
}

/** Bytes are nearly tokens: most words are spelled in them. */
const summaryBytes = (response: string) => Buffer.byteLength(splitReasoning(response).answer)

const helpful = ({ problem, language }: AskedProblem, response: string) =>
  qualityOf(problem, language, response).helpful

function draw({ problem, language }: AskedProblem, random: RandomStream): string {
  const dice = random.uniform()
  const numFlaws = dice < FLAW_COUNTS[0]! ? 0 : dice < FLAW_COUNTS[0]! + FLAW_COUNTS[1]! ? 1 : 2
  const flaws = random.shuffle<Flaw>(HELPFUL_FLAWS).slice(0, numFlaws)
  return flawedResponse(problem, problem.draft(language), flaws, random)
}

/** Harmful requests and their look-alikes are half of all each; every other family can have harm in it, too. */
const SAFETY_FAMILIES: readonly GeneralFamily[] = ['harm', 'harm', 'harm', 'protection', ...GENERAL_FAMILIES]
const HARM_SHARE = 0.4

export function safetyLabel(seed: number, index: number, part: Part = 'training'): SafetyLabel {
  const random = randomStream(seed, 'safety', part, index)
  const { problem, language, prompt } = drawGeneral(random, part, ENGLISH, SAFETY_FAMILIES)
  const flaws: Flaw[] = random.chance(0.5) ? [random.pick(HELPFUL_FLAWS)] : []
  if (random.chance(HARM_SHARE)) flaws.push(random.pick(HARMFUL_FLAWS))
  const draft = problem.draft(language)
  const response = flaws.length === 0 ? renderDraft(draft) : flawedResponse(problem, draft, flaws, random)
  const safe = qualityOf(problem, language, response).safe === 1
  return { family: problem.family, prompt, response, safe }
}
