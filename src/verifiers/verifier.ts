/** Is this answer right? The whole reward of R1-Zero (R1 §2.2.2) rests on these verdicts. */
export interface Verdict {
  correct: boolean
  /** What was taken as the answer, or null where none was found. */
  extracted: string | null
  /** One short phrase a person can act on: `equal as fractions`, `no \boxed{} found`, `time limit of 2 s`. */
  reason: string
  /** What a benchmark's own figures need beside the verdict. */
  details?: Record<string, unknown>
}

export type Verify = (prediction: string, gold: string) => Verdict | Promise<Verdict>
