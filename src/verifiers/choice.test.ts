import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDataSet } from '../../test/data-sets.ts'
import { type ChoiceOptions, readChoice, verifyChoice } from './choice.ts'

/** The letter, all letters joined where several are named, or `-`. */
function read(prediction: string, options?: ChoiceOptions): string {
  const reading = readChoice(prediction, options)
  return reading === null ? '-' : 'letter' in reading ? reading.letter : reading.many.join('')
}

describe('readChoice: statements', () => {
  it.each<[string, string]>([
    // simple-evals and GPQA
    ['Let me think.\nAnswer: B', 'B'],
    ['ANSWER: B', 'B'],
    ['Answer: B.', 'B'],
    ['Answer: (C)', 'C'],
    ['Answer: C) 42', 'C'],
    ['Answer: **D**', 'D'],
    ['**Answer: D**', 'D'],
    ['**Answer:** D', 'D'],
    ['**Answer**: D', 'D'],
    ['### Answer: `A`', 'A'],
    ['Answer: $B$', 'B'],
    ['Answer: $\\text{B}$', 'B'],
    ['ANSWER: \\boxed{B}', 'B'],
    ["Answer: 'B'", 'B'],
    ['Answer: [B]', 'B'],
    ['Answer: <B>', 'B'],
    ['Answer: b', 'B'],
    ['answer: b) Paris', 'B'],
    ['Answer - C', 'C'],
    ['Answer = C', 'C'],
    ['Answer:\n\nB', 'B'],
    ['## Final Answer\n\nB', 'B'],
    ['Answer: Option C', 'C'],
    ['Ａｎｓｗｅｒ：Ｂ', 'B'],
    ['Answer: A. The cell divides', 'A'],
    ['Answer: A because the rest is wrong', 'A'],
    // MMLU-Pro
    ['The answer is (X)... so the answer is (J).', 'J'],
    ['The answer is (C).', 'C'],
    ['The answer is C', 'C'],
    ['the answer is therefore most likely (H)', 'H'],
    ['It could be A, but it must be B.', 'B'],
    ['The correct answer is option (B).', 'B'],
    ['The correct option is B.', 'B'],
    ['Therefore, the best choice is **(D) All of these**.', 'D'],
    ['My final answer would be A.', 'A'],
    ["I'd go with option C.", 'C'],
    ['I choose (B) here', 'B'],
    // Boxes
    ['So \\boxed{C}', 'C'],
    ['$\\boxed{\\text{C}}$', 'C'],
    ['\\boxed{\\textbf{(C)}\\ 12}', 'C'],
    ['\\boxed{\\mathrm{C}}', 'C'],
    ['\\boxed{(C)}', 'C'],
    ['\\boxed{C. Paris}', 'C'],
    ['\\boxed{\\text{Answer: C}}', 'C'],
    ['\\boxed{c}', 'C'],
    // Chinese and others
    ['答案：B', 'B'],
    ['答案是 C。', 'C'],
    ['所以正确答案为（D）', 'D'],
    ['因此答案应该是A，因为其他都错', 'A'],
    ['故选：B', 'B'],
    ['综上，选C。', 'C'],
    ['正确的选项是 D', 'D'],
    ['我选择 B 项', 'B'],
    ['La réponse est B.', 'B'],
    ['Respuesta: C', 'C'],
    ['Die Antwort ist (A).', 'A'],
    ['Ответ: B', 'B'],
    ['정답: C', 'C'],
    ['答えは D です', 'D'],
    // The last of several counts
    ['The answer is A. Wait, that is wrong.\nAnswer: B', 'B'],
    ['\\boxed{A} was my guess, but checking again gives \\boxed{D}', 'D'],
    ['Answer: B\n\nExplanation: option A is too small, C is too big.', 'B'],
    ['Answer: B (not A)', 'B'],
    ['Answer: B, A is wrong', 'B'],
    ['Answer: B, I think.', 'B'],
    ["The answer is A. Wait, that's wrong. It should be B.", 'B'],
    ['The answer is A. It should be B because of the sign.', 'B'],
    ['The answer is A. Correction: B.', 'B'],
    ['The answer cannot be A; it must be B.', 'B'],
    // What is said of other letters
    ['The answer is B because A is wrong.', 'B'],
    ['The correct answer is B, not A.', 'B'],
    ['The answer is C. And B is wrong.', 'C'],
    ['Answer: C, and B is wrong', 'C'],
    ['Answer: B; A is too small', 'B'],
    ['\\boxed{B}, A is too small', 'B'],
    ['\\boxed{B} is right, A or C is not', 'B'],
    ['Answer: (D) A and B', 'D'],
    ['Answer: (D) A, B and C', 'D'],
    ['Answer: (D) (A), (B), and (C)', 'D'],
    ['Answer: (C) I, II', 'C'],
    ['The others are wrong \\boxed{D}', 'D'],
    ['A is wrong\nAnswer: B', 'B'],
    ['It is not hard to see that the answer is B', 'B'],
    ['I will not choose A, I choose B', 'B'],
    ['A错误，选B', 'B'],
    ['我不选A，选B', 'B'],
    ['只能选B', 'B'],
    ['答案是B不是A', 'B'],
    ['选B不选A', 'B'],
    // Thinking and answer tags
    ['<think>Answer: A</think>\n\nAnswer: B', 'B'],
    ['Maybe A.</think> <answer> C </answer>', 'C'],
    ['<think>The answer is A', '-'],
    // Praise, where nothing else is stated
    ['Option B is correct since it divides evenly.', 'B'],
    ['(C) is the best choice.', 'C'],
    ['B选项是正确的', 'B'],
    ['B is correct. Answer: C', 'C'],
  ])('%s', (text, letter) => expect(read(text)).toBe(letter))
})

describe('readChoice: letters that stand out', () => {
  it.each<[string, string]>([
    ['B', 'B'],
    ['(B)', 'B'],
    ['b', 'B'],
    ['B.', 'B'],
    ['B. Paris is the capital.', 'B'],
    ['B) Paris', 'B'],
    ['(B) Paris', 'B'],
    ['After some thought:\nC', 'C'],
    ['After some thought:\n**C**', 'C'],
    ['I considered all.\n\n**B. Paris**', 'B'],
    ['I say **(D)** for these reasons.', 'D'],
    ['Clearly **Option D** fits.', 'D'],
    ['It must be D.', 'D'],
    ['We compare and keep (C) in the end', 'C'],
    ['In the end only option B remains', 'B'],
    ['A. x\nB. y\n\nSo:\nB', 'B'],
    ['I think D, a guess', 'D'],
    ['It is D, I guess', 'D'],
  ])('%s', (text, letter) => expect(read(text)).toBe(letter))
})

describe('readChoice: no single choice', () => {
  it.each<[string, string]>([
    ['', '-'],
    ['   ', '-'],
    ['I am not sure.', '-'],
    ['A triangle has three sides.', '-'],
    ['The answer is a prime number.', '-'],
    ['Answer: A triangle', '-'],
    ['Answer: I think it depends', '-'],
    ["Answer: I'm not sure", '-'],
    ['The answer is not A', '-'],
    ['The answer must be even, so it must be a multiple of two.', '-'],
    ["The answer isn't B.", '-'],
    ['It is not B.', '-'],
    ['Answer: Both', '-'],
    ['Answer: Because', '-'],
    ['Answer: B12 deficiency', '-'],
    ['Answer: B-cells', '-'],
    ['Answer: C++', '-'],
    ['Answer: 3', '-'],
    ['Answer: K', '-'],
    ['\\boxed{}', '-'],
    ['\\boxed{12}', '-'],
    ['不选A', '-'],
    ["The last line should be 'Answer: $LETTER' where LETTER is one of the letters", '-'],
    ['Answer: A or B', 'AB'],
    ['Answer: A, C', 'AC'],
    ['Answer: (A) and (C)', 'AC'],
    ['Answer: A/B', 'AB'],
    ['Answer: AB', 'AB'],
    ['Answer: ABCD', 'ABCD'],
    ['The answer is A, B, and D.', 'ABD'],
    ['答案：A、C', 'AC'],
    ['\\boxed{A, B}', 'AB'],
    ['\\boxed{A} \\boxed{B}', 'AB'],
    ['\\boxed{A} or \\boxed{B}', 'AB'],
    ['Answer: A\nAnswer: B\nAnswer: C\nAnswer: D', 'ABCD'],
    ['A\nB\nC\nD', 'ABCD'],
    ['A. one\nB. two\nC. three\nD. four', 'ABCD'],
    ['**A** and **B** both fit', 'AB'],
    ['It is (A) or (C)', 'AC'],
    ['\\boxed{A\\ B\\ C\\ D}', 'ABCD'],
    ['\\boxed{A \\; B}', 'AB'],
    ['\\boxed{A\\quad B}', 'AB'],
    ['Answer: A B C D', 'ABCD'],
    ['A B', 'AB'],
    ['Answer: (A)(B)(C)(D)', 'ABCD'],
    ['Answer: {A} {B}', 'AB'],
    ['Answer: A; B', 'AB'],
    ['Answer: A → B', 'AB'],
    ['Answer: B plus A', 'BA'],
    ['Answer: A as well as B', 'AB'],
    ['Answer: A (or B)', 'AB'],
    ['Answer: A, possibly B', 'AB'],
    ['Answer: A... or maybe B', 'AB'],
    ['**Answer:** A. Or B.', 'AB'],
    ['ANSWER: A OR D', 'AD'],
    ['The answer is A, or maybe D', 'AD'],
    ['The answer is A, or D in older books', 'AD'],
    ['A是正确的，B也是正确的', 'AB'],
    ['\\boxed{A} or B', 'AB'],
    ['\\boxed{A} (or maybe D)', 'AD'],
    ['A or B', 'AB'],
    ['It is A or B', 'AB'],
    ['It must be D or A.', 'DA'],
  ])('%s', (text, letters) => expect(read(text)).toBe(letters))

  it.each([
    'The wrong answer is A.',
    'Wrong answer: A',
    'Incorrect answer: A',
    'I will not choose A',
    "I don't choose A",
    "Don't select A",
    'It is better not to pick A',
    'never choose A',
    'The answer is not \\boxed{A}',
    'A不对',
    'A 选项不正确',
    'A是错误的',
    '不选A',
    '不能选A',
    '不应选A',
    '不应该选A',
  ])('refused: %s', (text) => expect(read(text)).toBe('-'))

  it.each(['It could be B', 'It might be B.', 'The answer could be B', 'Maybe B.', 'B?', 'Perhaps option C'])(
    'guessed: %s',
    (text) => expect(read(text)).toBe('-'),
  )
})

describe('readChoice with the options at hand', () => {
  const cities = ['Paris', 'New York', 'York', 'All of the above']
  const numbers = ['4', '14', '0.4', '-4']
  it.each<[string, readonly string[], string]>([
    ['Paris', cities, 'A'],
    ['paris.', cities, 'A'],
    ['The answer is Paris, the old capital.', cities, 'A'],
    ['The answer is New York.', cities, 'B'],
    ['The answer is York.', cities, 'C'],
    ['\\boxed{\\text{New York}}', cities, 'B'],
    ['Answer: all of the above', cities, 'D'],
    ['We look at the map.\nSo it has to be New York', cities, 'B'],
    ['It is Paris or York', cities, '-'],
    ['It is not Paris', cities, '-'],
    ['Parisian', cities, '-'],
    ['Answer: E', cities, '-'],
    ['Answer: 14', numbers, 'B'],
    ['Answer: 4', numbers, 'A'],
    ['Answer: 0.4', numbers, 'C'],
    ['\\boxed{-4}', numbers, 'D'],
    ['It gives 14', numbers, 'B'],
    ['It gives 14.5', numbers, '-'],
    ['Answer: B', numbers, 'B'],
    ['Answer: -4', numbers, 'D'],
    ['The answer is 4 or 14', numbers, 'AB'],
    ['Answer: 4, 14', numbers, 'AB'],
    ['Answer: 4, 14 is too large', numbers, 'A'],
    ['The answer is Paris or York', cities, 'AC'],
    ['The answer is Paris, or maybe New York', cities, 'AB'],
    ['Answer: A. Paris or B. New York', cities, 'AB'],
    ['Answer: (A) Paris, or York', cities, 'AC'],
    ['The answer is Paris, not York.', cities, 'A'],
    ['The answer is Paris, York is small.', cities, 'A'],
    ['Answer: B. In the north it should be Paris.', cities, 'B'],
    ['Answer: C. Both A and B', ['x', 'y', 'Both A and B'], 'C'],
    ['Answer: A. B or C', ['B or C', 'B', 'C'], 'A'],
    ['Answer: B. York.', ['New York', 'York'], 'B'],
    ['same', ['same', 'Same.', 'other'], '-'],
  ])('%s', (text, choices, letter) => expect(read(text, { choices })).toBe(letter))

  it('limits the letters', () => {
    expect(read('Answer: E', { numChoices: 4 })).toBe('-')
    expect(read('Answer: E', { numChoices: 5 })).toBe('E')
  })
})

describe('an option that is named to be refused', () => {
  it.each([
    ['The answer is not A but B.', 'B'],
    ['It is not (A) or (C) but rather (D).', 'D'],
    ['The answer is C, not D.', 'C'],
    ['C，而不是 D', 'C'],
    ['答案不是D，而是C', 'C'],
    ['Die Antwort ist nicht A, sondern B.', 'B'],
    ['We rule out A, C and D, which leaves B.', 'B'],
    ['That leaves A and B.', null],
    ['The answer is not A.', null],
    ['The answer seems to be A.', 'A'],
    ['<thinking>The answer is A', null],
    ['Eliminating A, C and D, B remains.', 'B'],
    ['The answer is A. Wait, no, it is B.', 'B'],
    ['It cannot be B.', null],
    ['Vitamin C', null],
    ['{"reason": "A is wrong", "answer": "B"}', 'B'],
    ['{"answer": ["A", "B"]}', null],
  ])('%s', (response, expected) => {
    const reading = readChoice(response, { numChoices: 4 })
    expect(reading !== null && 'letter' in reading ? reading.letter : null).toBe(expected)
  })

  it('reads a reference that is a letter with its text', () => {
    const choices = ['Paris', 'London', 'Rome', 'Dublin']
    expect(verifyChoice('The answer is D', 'D Dublin', { choices }).correct).toBe(true)
    expect(verifyChoice('The answer is D', 'D Dublin').correct).toBe(true)
    expect(verifyChoice('The answer is A', 'A triangle').correct).toBe(false)
  })
})

describe('verifyChoice', () => {
  it.each<[string, string, boolean, string | null, string]>([
    ['Answer: B', 'B', true, 'B', 'the same choice'],
    ['Answer: B', '(b)', true, 'B', 'the same choice'],
    ['Answer: B', 'Option B', true, 'B', 'the same choice'],
    ['Answer: B', 'B - Paris', true, 'B', 'the same choice'],
    ['Answer: B', 'B. Paris', true, 'B', 'the same choice'],
    ['Answer: B', 'C', false, 'B', 'chose B, not C'],
    ['Answer: B or C', 'B', false, null, 'more than one choice: B, C'],
    ['no idea', 'B', false, null, 'no choice found'],
    ['', 'B', false, null, 'no choice found'],
    ['Answer: B', '', false, 'B', 'the reference is not a single choice'],
    ['Answer: B', 'AB', false, 'B', 'the reference is not a single choice'],
    ['Answer: B', 'Paris', false, 'B', 'the reference is not a single choice'],
  ])('%s against %s', (prediction, gold, correct, extracted, reason) => {
    expect(verifyChoice(prediction, gold)).toEqual({ correct, extracted, reason })
  })

  it('takes a reference given as text', () => {
    const choices = ['Paris', 'A cat', 'B']
    expect(verifyChoice('Answer: A', 'Paris', { choices }).correct).toBe(true)
    expect(verifyChoice('Answer: B', 'A cat', { choices }).correct).toBe(true)
  })

  it('never throws and never finds what is not a letter in use', () => {
    const piece = fc.constantFrom(
      'Answer',
      ': ',
      'A',
      'B',
      'Z',
      '(',
      ')',
      '**',
      '\\boxed{',
      '}',
      '\n',
      '答案',
      '选',
      ' or ',
      ', ',
      'is ',
      '⟦',
      '⟧',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
        const { extracted } = verifyChoice(pieces.join(''), 'A', { choices: ['x', 'y'] })
        expect([null, 'A', 'B']).toContain(extracted)
      }),
    )
  })

  it('stays quick on long text', () => {
    for (const piece of [
      'Answer ',
      'answer is ',
      '(',
      '\\boxed{',
      '**A',
      'A or ',
      '选',
      '⟦A',
      ' - ',
      '\n',
      'A\n',
    ])
      verifyChoice(piece.repeat(2_000), 'A', { choices: ['a', 'b'] })
    for (const white of [' ', '\n', '\r']) expect(read(`x${white.repeat(200_000)}5`)).toBe('-')
  })

  it('accepts the MMLU references in the common forms', () => {
    const refused = readDataSet<{ choices: string[]; answer: string }>('mmlu-test').flatMap(
      ({ choices, answer }) => {
        const text = choices['ABCD'.indexOf(answer)]
        const forms = [
          `Answer: ${answer}`,
          `The answer is (${answer}) ${text}.`,
          `**${answer}. ${text}**`,
          `\\boxed{${answer}}`,
        ]
        return forms.filter((form) => !verifyChoice(form, answer, { choices }).correct)
      },
    )
    expect(refused).toEqual([])
  })
})
