/**
 * What a response says behind its thinking, whichever tag models put around that: `<think>`, `<thinking>`, `<reasoning>`, … Empty
 * while the thinking is still open, for nothing in it is an answer yet. A tag inside a sentence is only spoken of.
 */
const TAG = '(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)'
const OPENING = new RegExp(String.raw`(?:^|\n)[ \t]{0,8}<(?:\s?${TAG}\s?|\|begin_of_thought\|)>`, 'i')
const LEADING = new RegExp(String.raw`^\s*<\s?${TAG}\s?>`, 'i')
const CLOSING = new RegExp(String.raw`<\s?\/\s?${TAG}\s?>|<\|end_of_thought\|>`, 'gi')

export function afterThinking(response: string): string {
  if (!response.includes('<')) return response
  let end = -1
  for (const match of response.matchAll(CLOSING)) end = match.index + match[0].length
  if (end >= 0) return LEADING.test(response.slice(end)) ? '' : response.slice(end)
  const open = OPENING.exec(response)
  return open ? response.slice(0, open.index) : response
}
