/**
 * The accuracy reward (R1 §2.2.2): 1 for a right answer, 0 for a wrong one, as the question's own task judges it.
 * The paper states 0/1 for mathematics, STEM and logic and gives no scale for code; 0/1 serves all of them here.
 */
import type { Question } from '../tasks/task.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import type { ResponseToScore, Reward } from './reward.ts'
import type { Weight } from './weight.ts'

const verdicts = new WeakMap<ResponseToScore, Promise<Verdict>>()

/** The task's verdict on this response; several rewards may ask, the verifier runs once. */
export function judge(response: ResponseToScore): Promise<Verdict> {
  let verdict = verdicts.get(response)
  if (verdict === undefined) {
    verdict = (async () => response.task.verify(response.question, response.text))()
    verdicts.set(response, verdict)
  }
  return verdict
}

/** Whether a verifier has anything to judge by; the paper's general prompts have neither answer nor tests. */
export function isVerifiable({ answer, data }: Question): boolean {
  return answer !== '' || data !== undefined
}

/** Does not apply to a question that cannot be verified. */
export function accuracyReward({ weight = 1 }: { weight?: Weight } = {}): Reward {
  return {
    name: 'accuracy',
    weight,
    async score(response) {
      if (!isVerifiable(response.question)) return null
      return (await judge(response)).correct ? 1 : 0
    },
  }
}
