/** The part of a response that answers: behind the thinking, inside the last answer tag or field, before another turn. */
import { afterThinking } from '../after-thinking.ts'
import { answerField } from '../answer-field.ts'

const TURN_MARKS = /<\|(?:im_start|im_end|endoftext|eot_id|end|user|assistant)\|>|<｜[^｜<>]{1,40}｜>|<\/s>/
const ANSWER_BEGINS =
  /<\|?\s*(?:(?:final|begin_of|start_of)[_\s-]?)?answer(?:\s[^<>\n]{0,80})?\s*\|?>|\[(?:final[_\s-]?)?answer\]/gi
const ANSWER_ENDS = /<\|?\s*(?:\/\s*(?:final[_\s-]?)?|end_of_)answer\s*\|?>|\[\/(?:final[_\s-]?)?answer\]/i
/** GSM8K's marks for a calculator: `<<7+14=21>>`. */
const CALCULATION = /<<[^<>\n]{1,80}=[^<>\n]{0,40}>>/g

export function answerPart(response: string): string {
  let text = response
  const turn = TURN_MARKS.exec(text)
  if (turn && turn.index > 0) text = text.slice(0, turn.index)
  text = afterThinking(text)
  const open = /[<[]/.test(text) ? lastMatch(text, ANSWER_BEGINS) : null
  if (open) {
    text = text.slice(open.index + open[0].length)
    text = text.slice(0, ANSWER_ENDS.exec(text)?.index)
  }
  const part = answerField(text) ?? text
  return (part.includes('<<') ? part.replace(CALCULATION, '') : part).replace(/```[a-z]*\n?/gi, '\n')
}

function lastMatch(text: string, pattern: RegExp): RegExpExecArray | null {
  let last: RegExpExecArray | null = null
  for (const match of text.matchAll(pattern)) last = match
  return last
}
