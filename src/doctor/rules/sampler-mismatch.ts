import { formatNumber } from '../../measures/format.ts'
import { latest } from '../course.ts'
import type { Rule } from '../rule.ts'

const LARGEST_GAP = 0.02

export const samplerMismatch: Rule = {
  name: 'sampler-mismatch',
  title: 'sampler and trainer disagree',
  measure: 'ratio',
  when: 'The mean probability ratio of two first updates in a row is more than 0.02 from 1, with rollouts on policy.',
  because:
    'On policy the ratio is 1, and the embedded engine keeps it to 1e-4. Engines that sample in bfloat16 are at about 0.005.',
  look(course) {
    if (!course.settings.onPolicy) return undefined
    const ratios = latest(course, 'ratio', 2)
    if (ratios === undefined || ratios.some((ratio) => Math.abs(ratio - 1) <= LARGEST_GAP)) return undefined
    return {
      evidence: `The probability ratio of tokens that were sampled by the policy itself is ${formatNumber(ratios.at(-1)!)}, and should be 1.`,
      cause: 'The sampler has other weights, another precision or another template than the trainer.',
      remedy: 'Set grpo.importanceCap=2, which corrects for it, or find out where the two differ.',
    }
  },
}
