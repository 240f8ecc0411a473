import { describe, expect, it } from 'vitest'
import { displayWidth } from '../measures/format.ts'
import { markdownTranscript, terminalTranscript } from './transcript.ts'

const transcript = {
  question: 'Make 24 from 3, 8, 1.',
  answer: '3 * 8 * 1',
  responses: [
    { name: 'base', text: '<answer> 3 + 8 </answer>', correct: false, numTokens: 7 },
    {
      name: 'R1-Zero',
      text: '<think> try 3 * 8 = 24\nyes </think>\n<answer> 3 * 8 * 1 </answer>',
      correct: true,
      numTokens: 21,
    },
  ],
}

it('terminalTranscript', () => {
  expect(terminalTranscript(transcript)).toBe(`Question  Make 24 from 3, 8, 1.
Answer    3 * 8 * 1

base: wrong, 7 tokens
    <answer> 3 + 8 </answer>

R1-Zero: right, 21 tokens
    <think> try 3 * 8 = 24
    yes </think>
    <answer> 3 * 8 * 1 </answer>`)
})

it('markdownTranscript', () => {
  expect(markdownTranscript(transcript)).toBe(`> Make 24 from 3, 8, 1.
>
> Reference answer: \`3 * 8 * 1\`

**base: wrong, 7 tokens**

\`\`\`text
<answer> 3 + 8 </answer>
\`\`\`

**R1-Zero: right, 21 tokens**

\`\`\`text
<think> try 3 * 8 = 24
yes </think>
<answer> 3 * 8 * 1 </answer>
\`\`\``)
})

describe('hostile text', () => {
  const hostile = (text: string) => ({
    ...transcript,
    responses: [{ name: 'base', text, correct: false, numTokens: 1 }],
  })

  it('cannot close the fence', () => {
    const lines = markdownTranscript(hostile('```\n# not a heading\n````')).split('\n')
    expect(lines.filter((line) => /^`{5}/.test(line))).toEqual(['`````text', '`````'])
  })

  it('cannot drive the terminal', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looks for them
    expect(terminalTranscript(hostile('a\u001b[2Jb\u0007\r\tc'))).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })

  it.each(['x'.repeat(500), 'word '.repeat(100), '数字'.repeat(100)])('is wrapped: %s', (text) => {
    const lines = terminalTranscript(hostile(text), 60).split('\n').slice(4)
    expect(lines.length).toBeGreaterThan(6)
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(60)
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  })
})
