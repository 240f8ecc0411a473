/**
 * R1-Zero's answers as servers give them: they take the answer tags off, and what is left after the thinking is the answer
 * and nothing else. Benchmarks read it; rewards do not, which teach the form.
 */
import { untaggedSummary } from '../../text/reasoning.ts'

/** The same response, with tags around a summary that is a number or an expression alone. */
export function tagBareAnswer(response: string): string {
  const summary = untaggedSummary(response)
  if (summary === null || !/^[\d\s+\-*/()=]+$/.test(summary)) return response
  return `${response.slice(0, response.lastIndexOf(summary))}<answer>${summary}</answer>`
}
