/**
 * Stop strings in text that comes in pieces: what could be the start of one is held back until it is told apart. The
 * one that is whole first ends the text.
 */
export interface StopStrings {
  /** The text that is free to go; after `stopped` there is no more. */
  push(text: string): string
  /** What was held back after all. */
  end(): string
  /** One of the strings has come; it and what follows are not part of the text. */
  readonly stopped: boolean
}

export function stopStrings(stops: readonly string[]): StopStrings {
  let held = ''
  let stopped = false
  return {
    push(text) {
      if (stopped) return ''
      held += text
      const [first] = stops
        .map((stop) => ({ start: held.indexOf(stop), end: held.indexOf(stop) + stop.length }))
        .filter(({ start }) => start >= 0)
        .sort((a, b) => a.end - b.end || a.start - b.start)
      stopped = first !== undefined
      const free = first?.start ?? held.length - partialMatch(held, stops)
      const told = held.slice(0, free)
      held = stopped ? '' : held.slice(free)
      return told
    },
    end() {
      const told = held
      held = ''
      return told
    },
    get stopped() {
      return stopped
    },
  }
}

/** How many characters at the end of `text` are the start, but not all, of one of the patterns. */
export function partialMatch(text: string, patterns: readonly string[]): number {
  const longest = Math.max(0, ...patterns.map((pattern) => pattern.length - 1))
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length)
    if (patterns.some((pattern) => pattern.length > length && pattern.startsWith(end))) return length
  }
  return 0
}
