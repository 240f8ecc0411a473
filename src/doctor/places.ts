/** Where to look: a few responses of the newest rollout. */
import type { SeenResponse, SeenRollout } from './course.ts'
import type { ResponsePlace } from './rule.ts'

const MOST = 5

/** The first few that fit, of different groups where there are enough. */
export function placesWhere(
  rollouts: readonly SeenRollout[],
  fits: (response: SeenResponse) => boolean,
): ResponsePlace[] {
  return placesBy(rollouts, (response) => (fits(response) ? 1 : Number.NEGATIVE_INFINITY))
}

/** Those with the largest values; minus infinity is left out. */
export function placesBy(
  rollouts: readonly SeenRollout[],
  value: (response: SeenResponse) => number,
): ResponsePlace[] {
  const newest = rollouts.at(-1)
  if (newest === undefined) return []
  const best = newest.groups.flatMap(({ group, responses }) => {
    const ranked = responses
      .map(({ sample }, i) => ({ group, sample, value: value(responses[i]!) }))
      .filter((place) => place.value > Number.NEGATIVE_INFINITY)
      .sort((a, b) => b.value - a.value)
    return ranked.map((place, rank) => ({ ...place, rank }))
  })
  return best
    .sort((a, b) => a.rank - b.rank || b.value - a.value)
    .slice(0, MOST)
    .map(({ group, sample }) => ({ step: newest.step, group, sample }))
}
