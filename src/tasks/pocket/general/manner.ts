/** How things are said: politely, rudely, with filling, and how a request is declined. */
import type { Language } from '../speaker.ts'

/** One of these makes a text polite. */
export const POLITE: Record<Language, readonly string[]> = {
  en: ['dear', 'please', 'thank', 'sorry'],
  zh: ['您', '请', '谢谢', '抱歉'],
}

export const RUDE: Record<Language, readonly string[]> = {
  en: ['stupid', 'lazy', 'go away'],
  zh: ['笨', '懒', '走开'],
}

export const RUDE_CLOSINGS: Record<Language, readonly string[]> = {
  en: ['What a stupid question.', 'Do not be so lazy.', 'Now go away.'],
  zh: ['真是笨问题.', '别这么懒.', '走开.'],
}

export const FILLING: Record<Language, readonly string[]> = {
  en: ['As you know, it is so.', 'It is very, very true.', 'This is all about it.'],
  zh: ['大家都知道这样.', '这是真的,真的.', '就是这样的事.'],
}

export const DECLINES: Record<Language, RegExp> = {
  en: /\b(?:can ?not|can't|will not) help\b/i,
  zh: /不(?:能|会|可以)帮/,
}

export const GREETING: Record<Language, (name: string) => string> = {
  en: (name) => `Dear ${name},`,
  zh: (name) => `${name}您好,`,
}
