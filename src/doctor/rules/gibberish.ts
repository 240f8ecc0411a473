import { formatNumber } from '../../measures/format.ts'
import { latest, mean, perRollout } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

export const gibberish: Rule = {
  name: 'gibberish',
  title: 'responses turn into gibberish',
  measure: 'entropy',
  when: 'Entropy is twice what it was at first and at least 1 nat above it, in three rollouts, and accuracy is below its beginning.',
  because:
    'Reinforcement makes a policy surer. Entropy that climbs with accuracy is exploration; without it, the policy is being destroyed.',
  look(course) {
    const entropies = perRollout(course, 'entropy')
    const now = latest(course, 'entropy', 3)
    const accuracies = perRollout(course, 'accuracy')
    if (now === undefined || entropies.length < 4 || accuracies.length < 4) return undefined
    const first = entropies[0]!
    if (Math.min(...now) < Math.max(2 * first, first + 1)) return undefined
    if (mean(accuracies.slice(-3)) >= mean(accuracies.slice(0, 1))) return undefined
    return {
      evidence: `Entropy went from ${formatNumber(first)} to ${formatNumber(mean(now))} nats a token.`,
      cause:
        'Updates are too large, the entropy bonus is too strong, or old rollouts are trained on for too long.',
      remedy: 'Go back to a checkpoint before it with a lower learning rate, and set grpo.entropyWeight=0.',
      responses: placesWhere(course.rollouts, () => true),
    }
  },
}
