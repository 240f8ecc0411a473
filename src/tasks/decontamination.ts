/**
 * Finds training texts that share a run of n words with a benchmark (R1 v2 SB.3.1: n = 10). Texts are compared as
 * words: Unicode-normalised, lower-case, without punctuation; each Han character, kana or hangul is a word. A text of fewer than n
 * words is compared whole. Benchmarks are held in memory by the hashes of their n-grams, training texts pass by.
 */

interface Contamination {
  /** The place given when the benchmark text was added. */
  source: string
  /** The words both have. */
  overlap: string
}

export interface BenchmarkIndex {
  add(source: string, text: string): void
  /** The first overlap with any benchmark text, or null. */
  find(text: string): Contamination | null
  numNgrams(): number
}

export function benchmarkIndex(n = 10): BenchmarkIndex {
  const sources: { source: string; words: string[] }[] = []
  const short = new Map<string, string>()
  /** From an n-gram's hash to where it stands: the number of the text, and the word it begins with. */
  const ngrams = new Map<number, { text: number; start: number }>()

  return {
    add(source, text) {
      const words = normalizedWords(text)
      if (words.length < n) {
        if (words.length > 0 && !short.has(words.join(' '))) short.set(words.join(' '), source)
        return
      }
      const number = sources.push({ source, words }) - 1
      eachNgram(words, n, (hash, start) => {
        if (!ngrams.has(hash)) ngrams.set(hash, { text: number, start })
        return false
      })
    },
    find(text) {
      const words = normalizedWords(text)
      if (words.length < n) {
        const whole = words.join(' ')
        const source = short.get(whole)
        return source === undefined ? null : { source, overlap: whole }
      }
      let found: Contamination | null = null
      eachNgram(words, n, (hash, start) => {
        const entry = ngrams.get(hash)
        if (entry === undefined) return false
        const { source, words: theirs } = sources[entry.text]!
        for (let i = 0; i < n; i++) if (theirs[entry.start + i] !== words[start + i]) return false
        found = { source, overlap: words.slice(start, start + n).join(' ') }
        return true
      })
      return found
    },
    numNgrams: () => ngrams.size,
  }
}

const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}\p{N}])+/gu

export function normalizedWords(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? []
}

const BASE_LOW = 0x01000193
const BASE_HIGH = 0x85ebca6b | 1

/** Two rolling 32-bit polynomials over the words' hashes, joined to 53 bits. Stops where `visit` returns true. */
function eachNgram(words: string[], n: number, visit: (hash: number, start: number) => boolean): void {
  let lowPower = 1
  let highPower = 1
  for (let i = 0; i < n; i++) {
    lowPower = Math.imul(lowPower, BASE_LOW)
    highPower = Math.imul(highPower, BASE_HIGH)
  }
  const hashes = Int32Array.from(words, wordHash)
  let low = 0
  let high = 0
  for (let i = 0; i < words.length; i++) {
    low = (Math.imul(low, BASE_LOW) + hashes[i]!) | 0
    high = (Math.imul(high, BASE_HIGH) + Math.imul(hashes[i]!, 0x9e3779b1)) | 0
    if (i >= n) {
      low = (low - Math.imul(lowPower, hashes[i - n]!)) | 0
      high = (high - Math.imul(highPower, Math.imul(hashes[i - n]!, 0x9e3779b1))) | 0
    }
    if (i >= n - 1 && visit((high >>> 11) * 0x1_0000_0000 + (low >>> 0), i - n + 1)) return
  }
}

function wordHash(word: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
