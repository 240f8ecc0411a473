/**
 * The words by which the paper counts reflection in R1-Zero's responses (R1 v2 SC.2): whole words,
 * any case, no inflected forms, for the paper gives only the list. The Chinese counterparts are ours: the paper
 * lists English words alone, while the pocket world thinks in both languages.
 */
export const REFLECTION_WORDS = [
  'wait',
  'mistake',
  'however',
  'but',
  'retry',
  'error',
  'verify',
  'wrong',
  'evaluate',
  'check',
] as const

export const CHINESE_REFLECTION_WORDS = [
  '等等',
  '等一下',
  '不对',
  '错',
  '重试',
  '检查',
  '验证',
  '评估',
  '但是',
  '然而',
] as const

// 不错 means "not bad".
const PATTERN = new RegExp(
  `(?<![\\p{Script=Latin}\\p{N}_])(?:${REFLECTION_WORDS.join('|')})(?![\\p{Script=Latin}\\p{N}_])|(?<!不)错|${CHINESE_REFLECTION_WORDS.filter((word) => word !== '错').join('|')}`,
  'giu',
)

/** How many reflection words of both lists the text holds, counted apart by position (`等等等等` is two). */
export function countReflectionWords(text: string): number {
  return text.match(PATTERN)?.length ?? 0
}
