/** What a corpus holds, counted over its first documents: for the model card and for tuning. */
import { splitPocketText } from '../../text/pocket-tokenizer.ts'
import type { Question } from '../task.ts'
import type { CorpusConfig } from './config.ts'
import { corpusDocument } from './corpus.ts'
import { pocketTask } from './task.ts'

export interface CorpusFacts {
  documents: number
  tokens: { mean: number; max: number; total: number }
  /** Shares of all documents. */
  families: Record<string, number>
  /** Shares of the documents with a question. */
  styles: Record<string, number>
  forms: Record<string, number>
  templateShare: number
  /** Languages of the questions, and of the thoughts of searches. */
  questions: Record<string, number>
  thoughts: Record<string, number>
  distinctProblems: Record<string, number>
  /** Share of responses that the task's verifier accepts, tags included: of all, and of each style. */
  correct: Record<string, number>
}

export async function corpusFacts(
  config: CorpusConfig,
  seed: number,
  documents: number,
): Promise<CorpusFacts> {
  const families = new Tally()
  const styles = new Tally()
  const forms = new Tally()
  const questions = new Tally()
  const thoughts = new Tally()
  const correct = new Map<string, Tally>()
  const problems = new Map<string, Set<string>>()
  let templates = 0
  let total = 0
  let max = 0
  for (let index = 0; index < documents; index++) {
    const { text, family, about } = corpusDocument(config, seed, index)
    const numTokens = splitPocketText(text.slice(0, text.lastIndexOf('<|'))).length + 1
    total += numTokens
    max = Math.max(max, numTokens)
    families.add(family)
    if (about === undefined || family === 'facts') continue
    styles.add(about.style)
    forms.add(about.form)
    questions.add(about.question)
    if (about.style !== 'guess') thoughts.add(about.thought)
    if (about.template) templates++
    entry(problems, family, () => new Set<string>()).add(about.key)
    const question: Question = { id: about.key, prompt: '', answer: about.gold, data: about.data }
    const verdict = await pocketTask(family).verify(question, about.response)
    for (const name of ['all', about.style])
      entry(correct, name, () => new Tally()).add(verdict.correct ? 'correct' : 'wrong')
  }
  return {
    documents,
    tokens: { mean: total / documents, max, total },
    families: families.shares(),
    styles: styles.shares(),
    forms: forms.shares(),
    templateShare: templates / styles.total,
    questions: questions.shares(),
    thoughts: thoughts.shares(),
    distinctProblems: Object.fromEntries([...problems].map(([family, keys]) => [family, keys.size])),
    correct: Object.fromEntries([...correct].map(([style, tally]) => [style, tally.shares().correct ?? 0])),
  }
}

class Tally {
  readonly counts = new Map<string, number>()
  total = 0
  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    this.total++
  }
  shares(): Record<string, number> {
    return Object.fromEntries([...this.counts].map(([name, count]) => [name, count / this.total]))
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key) ?? make()
  map.set(key, found)
  return found
}
