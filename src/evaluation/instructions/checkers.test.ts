import { describe, expect, it } from 'vitest'
import { followsLoosely, followsStrictly, INSTRUCTIONS, type InstructionArguments } from './checkers.ts'
import { countSentences, countUppercaseTokens } from './sentences.ts'

const ENGLISH = 'this is a short text about the weather and the sea in the north of england.'

/** Instruction, arguments, a response that follows it, one that does not. */
const CASES: [string, InstructionArguments, string, string][] = [
  ['keywords:existence', { keywords: ['sun', 'moon'] }, 'Sunny days, MOONlight', 'sun only'],
  ['keywords:frequency', { keyword: 'go', frequency: 3, relation: 'at least' }, 'go, Go, ago', 'go go'],
  ['keywords:frequency', { keyword: 'go', frequency: 3, relation: 'less than' }, 'go go', 'go go go'],
  ['keywords:forbidden_words', { forbidden_words: ['cat'] }, 'concatenate', 'A Cat!'],
  ['keywords:letter_frequency', { letter: 'Z', let_frequency: 2, let_relation: 'at least' }, 'pizZa', 'zoo'],
  [
    'language:response_language',
    { language: 'de' },
    'Das Wetter ist heute sehr schön und die Sonne scheint.',
    ENGLISH,
  ],
  [
    'language:response_language',
    { language: 'fr' },
    'Le temps est très beau aujourd’hui et nous allons à la plage.',
    ENGLISH,
  ],
  [
    'language:response_language',
    { language: 'sw' },
    'Habari ya leo ni nzuri na watu wa kijiji wako na furaha kwa ajili ya mvua.',
    ENGLISH,
  ],
  ['language:response_language', { language: 'ne' }, 'नेपाल एक सुन्दर देश हो जहाँ धेरै हिमालहरू छन्।', ENGLISH],
  [
    'length_constraints:number_sentences',
    { num_sentences: 2, relation: 'at least' },
    'One. Two!',
    'Only one.',
  ],
  [
    'length_constraints:number_words',
    { num_words: 3, relation: 'less than' },
    'two words',
    'now three words',
  ],
  ['length_constraints:number_paragraphs', { num_paragraphs: 2 }, 'a\n***\nb', 'a\n\nb'],
  ['length_constraints:number_paragraphs', { num_paragraphs: 2 }, '***\na *** b ***', 'a *** *** b'],
  [
    'length_constraints:nth_paragraph_first_word',
    { num_paragraphs: 2, nth_paragraph: 2, first_word: 'So' },
    'a\n\n"So, b',
    'So\n\nb',
  ],
  ['detectable_content:number_placeholders', { num_placeholders: 2 }, '[name] at [place]', '[name]'],
  ['detectable_content:postscript', { postscript_marker: 'P.S.' }, 'Bye. P. S. more', 'Bye. PS more'],
  ['detectable_content:postscript', { postscript_marker: 'P.P.S' }, 'Bye.\nP.P.S more', 'Bye. P.S. more'],
  ['detectable_format:number_bullet_lists', { num_bullets: 2 }, '* a\n- b', '* a\n* b\n* c'],
  ['detectable_format:number_bullet_lists', { num_bullets: 1 }, '**bold**\n  * a', '**bold**'],
  ['detectable_format:number_bullet_lists', { num_bullets: 2 }, 'a\n\n - b\r\n\n* c', 'a - b\n* c'],
  ['detectable_format:constrained_response', {}, 'My answer is maybe.', 'Maybe.'],
  ['detectable_format:number_highlighted_sections', { num_highlights: 2 }, '*a* and *b*', '*a* and * *'],
  [
    'detectable_format:multiple_sections',
    { section_spliter: 'SECTION', num_sections: 2 },
    'SECTION 1\na\nSECTION 2\nb',
    'SECTION 1\na',
  ],
  ['detectable_format:json_format', {}, '```json\n{"a": [1]}\n```', '{a: 1}'],
  ['detectable_format:title', {}, '<<A poem>>\ntext', '<< >>\ntext'],
  ['detectable_format:title', {}, 'text\n<<<a>>>', '<<a\n>>'],
  ['combination:two_responses', {}, 'a\n******\nb', 'a\n******\na'],
  ['combination:repeat_prompt', { prompt_to_repeat: 'Say hi.' }, 'say hi.\nHi!', 'Hi!'],
  ['startend:end_checker', { end_phrase: 'That is all.' }, 'Well. "That is ALL."', 'That is all. Bye'],
  ['startend:quotation', {}, ' "quoted" ', 'not "quoted"'],
  [
    'change_case:capital_word_frequency',
    { capital_frequency: 2, capital_relation: 'at least' },
    'NASA and UN-led FBI',
    'NASA and Un',
  ],
  ['change_case:english_capital', {}, ENGLISH.toUpperCase(), ENGLISH],
  ['change_case:english_lowercase', {}, ENGLISH, `X ${ENGLISH}`],
  ['punctuation:no_comma', {}, 'a; b', 'a, b'],
]

describe('the 25 instructions', () => {
  it('are all there and all tested', () => {
    expect(Object.keys(INSTRUCTIONS)).toHaveLength(25)
    expect(new Set(CASES.map(([id]) => id))).toEqual(new Set(Object.keys(INSTRUCTIONS)))
  })

  it.each(CASES)('%s %j', async (id, given, follows, breaks) => {
    expect(await followsStrictly(id, follows, given)).toBe(true)
    expect(await followsStrictly(id, breaks, given)).toBe(false)
  })

  it('an empty response follows nothing', async () => {
    for (const [id, given] of CASES) expect(await followsStrictly(id, ' \n', given)).toBe(false)
  })

  it('a keyword that is no regular expression stands for itself', async () => {
    expect(await followsStrictly('keywords:existence', 'I like C++ a lot', { keywords: ['C++'] })).toBe(true)
    expect(await followsStrictly('keywords:existence', 'I like C a lot', { keywords: ['C++'] })).toBe(false)
  })

  it('take long responses', async () => {
    const long = ['\n', '\r', ' ', '?', 'Mr. ', '[', '<', '>', '"', '*', '-'].map((piece) =>
      piece.repeat(200_000),
    )
    for (const [id, given] of CASES.filter(([id]) => !/^language|english/.test(id)))
      for (const text of long) await followsStrictly(id, `a ${text}a`, given)
  })

  it.each([
    ['without its first line', 'Sure:\n"quoted"', true],
    ['without its last line', '"quoted"\nHope this helps', true],
    ['without both', 'Sure:\n"quoted"\nBye', true],
    ['without asterisks', '**"quoted"**', true],
    ['not at all', 'a "quoted" word', false],
  ])('loosely: %s', async (_, response, expected) => {
    expect(await followsLoosely('startend:quotation', response, {})).toBe(expected)
    expect(await followsStrictly('startend:quotation', response, {})).toBe(false)
  })
})

it.each([
  ['One. Two! Three?', 3],
  ['Dr. Smith met Mr. Jones at 3 p.m. today. They talked.', 2],
  ['He said "Stop." Then he left', 2],
  ['Wait... what?! Yes.', 3],
  ['1. First item\n2. Second item', 1],
  ['Pi is 3.14 and e is 2.71.', 1],
  ['你好。再见！', 2],
  ['', 0],
])('countSentences(%j) = %i', (text, count) => {
  expect(countSentences(text)).toBe(count)
})

it.each([
  ['NASA and the U.N. and X-RAY', 3],
  ['I am here, I SAY', 3],
  ['A1 12 abc Abc', 1],
])('countUppercaseTokens(%j) = %i', (text, count) => {
  expect(countUppercaseTokens(text)).toBe(count)
})
