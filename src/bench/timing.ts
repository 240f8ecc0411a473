/** How long something takes, of which every benchmark takes the best. */

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

/** The least that `measure` gives in so many rounds; one before them compiles. */
export async function best(rounds: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round <= rounds; round++) {
    const measured = await measure()
    if (round > 0) least = Math.min(least, measured)
  }
  return least
}
