/** The phrases by which a response announces its answer, and those by which it refuses a number. */

const IS = String.raw`(?:is|are|was|(?:would|will|must|should|can only|has to)\s+be|equals|becomes|(?:seems?|appears?|turns?\s+out|comes?\s+out|works?\s+out)\s+to\s+be|comes?\s+(?:out\s+)?to)\b`
/** A dash or an arrow that stands for "is". */
const DASH = String.raw`(?:-+>|→|⇒|[-–—])(?=\s)`
const LINE = String.raw`(?<=^|\n)[ \t#*_>-]*`
const AFTER = String.raw`[\s*_:：=]*`

/** "The final answer": it outranks a box that it follows. */
export const STRONG = new RegExp(
  String.raw`(?:\bfinal\s+answer\b|#{4}(?=\s*[-\d\\$(])|最终答案|最后答案|\bréponse\s+finale\b|\brespuesta\s+final\b)(?:[ \t*_]*${DASH})?[\s*_:：=是为]*(?:(?:is|est|es)\b${AFTER})?`,
  'gi',
)
/** What makes the phrase a statement and no mention, as in "this final answer satisfies both". */
export const STATING = /\b(?:is|est|es)\b|[:：=是为#\n→–—-]/i
/** An exact value and no words about one: neither "in square centimeters" nor "approximately 0.333". */
export const VALUE =
  /^[\s*_`>]*(?:(?:therefore|thus|simply|just|clearly|exactly|equal to|given by)\b,?\s*)?(?!(?:\$+|\\[([])?\s*(?:\\approx|≈))(?:[-+−±√π∞([{$.\d]|\\(?!text\b)|(?:sqrt|pi)\b|(?![ai]\s+[a-z])[a-z](?![\p{L}'’-]))/iu

/** Without one of these words a text announces nothing: a quick look before the phrases are tried. */
export const MAY_ANNOUNCE =
  /ans|\bA[\s*_]*[:：]|####|[答选]|répon|respuesta|antwort|respost|rispost|solution|result|it is|ответ|答え|정답/i

/** "The answer is", "Answer:", "A:" and a heading of its own, in the languages that benchmarks come in. */
export const WEAK = new RegExp(
  [
    String.raw`\b(?:the\s+|my\s+)?(?:correct\s+|right\s+)?answers?\b(?:\s+to\s+[^.\n$]{1,40})?[ \t*_]*(?:${IS}(?:\s*:)?|[:=]|${DASH})`,
    String.raw`${LINE}answers?[ \t*_]*(?=\n)`,
    String.raw`(?<![\p{L}\d])ans\b\.?[ \t*_]*[:=：]`,
    String.raw`${LINE}A[ \t*_]*[:：](?![^]{0,200}?\n[ \t#*_>-]*B\s*[.:)：])`,
    '答案(?:应?该?[是为]|：|:)',
    String.raw`(?:故|应|所以|因此|正确)选(?:项|择)?[\s是为：:]*(?=[A-J](?![a-z]))`,
    String.raw`(?:la\s+)?réponse\s+(?:correcte\s+)?(?:est|:)|la\s+respuesta\s+(?:correcta\s+)?es|respuesta\s*:`,
    String.raw`die\s+antwort\s+(?:ist|lautet)|antwort\s*:|a\s+resposta\s+é|resposta\s*:|la\s+risposta\s+è|risposta\s*:|ответ\s*[:—-]|答えは|정답은`,
  ]
    .map((phrase) => `(?:${phrase})`)
    .join('|')
    .replace(/^/, '(?:')
    .concat(`)${AFTER}`),
  'giu',
)

/** "… is the answer": the answer stands before it. */
export const CLOSING =
  /(?:,\s*which\s+)?(?:\b(?:is|are|was|(?:should|must|would|will|has\s+to)\s+be|as)\s+)?(?:\b(?:the|our|my)\s+(?:final\s+|correct\s+|right\s+|required\s+|desired\s+)?(?:answer|solution|result)\b|\bit\s+is\s*[.!](?=\s*$))(?!\s*(?:(?:to|of|for|set|is|are|was|would|will|must|should|equals)\b|[:=]))/giu

/** What stands right before a number that is no answer: `not 17`, `cannot be 17`, `at least 17`, `x > 17`, `Step 17`. */
export const DENIED =
  /(?:\b(?:step|question|problem|example|exercise|theorem|equation|figure|table)\s*|\b(?:not|cannot|never|rather than|instead of|(?:great|larg|small|low|high|few)er than|(?:less|more) than|than or equal to|at (?:least|most)|up to|(?:half|third|quarter|square|cube|root|multiples?|factors?|divisors?|reciprocal|inverse|opposite) of|(?:twice|double|triple|thrice)|(?:maybe|perhaps|possibly|I guess|(?:might|may|could) be)|(?:divisible|division) by|below|above|under|over|exceeds?|minus|plus|times|divided by|negative)|n['’]t\b|\bpas|不是|不等于|并非|大于|小于|高于|低于|多于|少于|超过|至少|至多|最多|最少|(?<=[^\s<>=-][ \t]*)(?<!<\/?[a-z]{1,9})[<>]=?|[≤≥≠⩽⩾≦≧]|\\(?:[lg]eq?|neq?|[lg]t)\b)\s*(?:\b(?:be|equal|to|just|exactly|simply)\b\s*)*(?:\\[([]|[$*\s])*$/i

/** A response that says it has no answer. */
export const GIVES_UP =
  /\b(?:can(?:not|['’]t| not)|could(?: not|n['’]t)|(?:am|was|are|were) (?:unable|not able) to|fail(?:ed)? to|unable to|do(?: not|n['’]t) know|did(?: not|n['’]t) manage)\s+(?:\w+\s+)?(?:how to\s+)?(?:be\s+)?(?:solve|find|determine|answer|compute|calculate|figure|tell|say|decide|finish|know)\b|\b(?:I|we) (?:do(?: not|n['’]t) know|have no (?:answer|solution)|give up|have no idea|am not sure|are not sure)\b|\bno idea\b|无法(?:解|确定|求|回答)/i

/** Behind a value, these make it less than an answer: `5 or more`, `5 at least`, `5 maybe`, `5, but also 6`. */
export const HEDGED =
  /^[\s*_]*(?:,\s*)?(?:(?:halves|thirds|fourths|fifths|sixths|sevenths|eighths|ninths|tenths|hundredths|thousandths)\b|plus or (?:minus\b|-)|give or take\b|(?:or|and)\s+(?:more|less|fewer|above|below|up|over|under|so|another|other|any|some|maybe|perhaps|possibly|even)\b|at\s+(?:least|most)\b|maybe\b|perhaps\b|possibly\b|or\s*$|\?|(?:more|less|fewer)\s+than\s+\W{0,2}\d|but\s+I(?:['’]m|\s+am)\s+(?:not|un)|fails?\b|does(?:n['’]t|\s+not)\b|is\s+(?:not|wrong|incorrect|too|impossible|excluded|rejected)\b)/i

/** A last sentence that only guesses: `Maybe it is 4.`, but not `Perhaps surprisingly, it is 4.` */
export const GUESSES =
  /(?:^|[.!?\n])[\s*_]*(?:(?:or|so|then)\s+)?(?:maybe|perhaps|possibly)\b(?!,?\s+\w+ly\b)[^!?\n]{0,80}\d[^!?\n]{0,20}[.!?\s*_]*$/i
