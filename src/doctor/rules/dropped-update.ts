import type { Rule } from '../rule.ts'

export const droppedUpdate: Rule = {
  name: 'dropped-update',
  title: 'an update was dropped',
  measure: 'gradientNorm',
  when: 'A gradient was not finite.',
  because: 'A gradient that is not finite never comes of healthy weights.',
  look({ steps }) {
    const dropped = steps.filter(({ droppedUpdate }) => droppedUpdate === 1)
    if (dropped.length === 0) return undefined
    return {
      evidence: `The gradient of step ${dropped[0]!.step} was not finite; the weights stayed as they were.`,
      cause: 'The weights have grown out of what float32 holds, or a reward was far too large.',
      remedy: 'Go back to an older checkpoint with a lower learning rate (--rollback does).',
    }
  },
}
