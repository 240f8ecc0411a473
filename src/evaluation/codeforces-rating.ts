/**
 * A Codeforces rating from solved and unsolved problems. By the Elo model a player of rating r solves a problem of rating
 * d with probability 1 / (1 + 10^((d - r) / 400)); the rating is the r under which what was seen is likeliest. The
 * paper's rating comes from simulated contests with expert-written hidden tests (R1 §3), so the two are
 * near kin, not the same.
 */

export interface RatedProblem {
  rating: number
  tries: number
  solved: number
}

/** Ratings are sought between these: solving all problems or none has no likeliest rating. */
export const LOWEST_RATING = 0
export const HIGHEST_RATING = 4000

export function likeliestRating(problems: readonly RatedProblem[]): number | null {
  if (problems.every(({ tries }) => tries === 0)) return null
  // The likelihood's slope falls with the rating: expected solves rise, seen solves do not.
  let low = LOWEST_RATING
  let high = HIGHEST_RATING
  while (high - low > 0.01) {
    const middle = (low + high) / 2
    if (slope(problems, middle) > 0) low = middle
    else high = middle
  }
  return Math.round((low + high) / 2)
}

function slope(problems: readonly RatedProblem[], rating: number): number {
  let sum = 0
  for (const problem of problems)
    sum += problem.solved - problem.tries / (1 + 10 ** ((problem.rating - rating) / 400))
  return sum
}

/** The share of users whose rating is below this one. */
export function percentile(rating: number, population: readonly { rating: number; users: number }[]): number {
  let below = 0
  let all = 0
  for (const { rating: theirs, users } of population) {
    all += users
    if (theirs < rating) below += users
  }
  return below / all
}
