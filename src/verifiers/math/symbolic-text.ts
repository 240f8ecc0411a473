/**
 * Which texts Compute Engine reads as they are meant. What it does not know it drops in silence, `\pmod 7` and `0^+` for two, and
 * then different answers look the same. So only what it is known to hold is sent to it.
 */
const HELD = new Set(
  (
    'frac dfrac tfrac sqrt left right cdot times div pi infty to lim int sum prod binom limits quad displaystyle mathrm ' +
    'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp alpha beta gamma delta epsilon theta lambda mu rho sigma tau phi omega'
  ).split(' '),
)
const MAX_LENGTH = 300
/** Numbers side by side, a subscript of a number, a limit from one side, a sum or an integral whose bounds are no plain `_{k=a}^b`. */
const DROPPED =
  /\d(?:\s|\\[,;:! ]|\\quad)+\d|\d\s*_|\\to[^}]*\^\s*\{?[+-]|\\(?:sum|prod)(?!\s*(?:\\limits\s*)?_\s*\{[^{}=]*=[^=]*?\}\s*\^)|\\int\s*(?:\\limits\s*)?_\s*(?:\{[^{}]*\}|[^\s{])\s*(?!\s*\^)/

/** Tuples, sets, statements: Compute Engine takes `D = (0, 1)` for false, and all that is false for the same. */
const STRUCTURE = /,|\\[{}]|[=<>|;]/
/** What stands below and above a sign, where an equation names an index. */
const SCRIPTS = /[_^]\s*\{[^{}]*\}/g
const LABEL = /^\s*([A-Za-z](?:\s*\([a-z]\))?)\s*=(?!.*=)/s

/** The two texts as Compute Engine may compare them, or null; `F(x) = …` on both sides is compared by what it is set to. */
export function symbolicPair(left: string, right: string): [string, string] | null {
  const [a, b] = [LABEL.exec(left), LABEL.exec(right)]
  const isSame = a !== null && a[1]!.replace(/\s/g, '') === b?.[1]?.replace(/\s/g, '')
  const pair: [string, string] = isSame ? [left.slice(a[0].length), right.slice(b![0].length)] : [left, right]
  return pair.every(isSymbolic) ? pair : null
}

/** One short expression, no prose and no statement, and nothing in it that would be dropped. */
export function isSymbolic(text: string): boolean {
  if (STRUCTURE.test(text.replace(/\\[,;|]/g, ' ').replace(SCRIPTS, ''))) return false
  if (text.length > MAX_LENGTH || !/[\\^/+=()]|\d/.test(text)) return false
  if (!/^[\w\s\\{}()[\]+\-*/^=.,;!|]*$/.test(text) || DROPPED.test(text)) return false
  const commands = [...text.matchAll(/\\([a-zA-Z]+)/g)].map((match) => match[1]!)
  return commands.every((name) => HELD.has(name)) && !/(?<![\\a-zA-Z])[a-zA-Z]{4,}/.test(text)
}
