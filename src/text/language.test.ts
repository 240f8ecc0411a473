import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { countWords, isMixed, languageShare, prepareLanguage } from './language.ts'

describe('countWords', () => {
  it.each<[string, string, number, number, number]>([
    ['English', "Let's check: the answer isn't 42.", 5, 0, 0],
    ['accented Latin', 'déjà vu', 2, 0, 0],
    ['a hyphen parts two words', 'well-known', 2, 0, 0],
    ['Chinese, cut into words', '等等，不对，让我检查一下', 0, 6, 0],
    ['mixed without spaces', '使用API接口', 1, 2, 0],
    ['the pocket world', 'try 8 + 3 = 11 * 5 = 55 from 60 no 等等 试 8 * 5', 3, 2, 0],
    ['numbers and punctuation', '1 + 2 = 3, 4.5e6 (-7)!', 0, 0, 0],
    ['digits between Han characters', '第3个', 0, 2, 0],
    ['variables', 'x plus y, f(x)', 1, 0, 0],
    ['identifiers', 'foo_bar x1 2nd abc123', 0, 0, 0],
    ['names of functions', 'sin x, log y, gcd', 0, 0, 0],
    ['Cyrillic', 'Итак, проверим', 0, 0, 2],
    ['Japanese, its Han characters too', 'まず確認する。对', 0, 1, 3],
    ['Korean', '먼저 확인', 0, 0, 2],
    ['tags and special tokens', '<think> yes </think> <answer>no</answer> <｜User｜> <br/>', 2, 0, 0],
    ['a comparison is no tag', 'when a < b and c > d holds', 3, 0, 0],
    ['fenced code', 'so\n```python\nprint("hello world")\n```\nthen', 2, 0, 0],
    ['a fence that nothing closes', 'so\n```js\nconst answer = compute()', 5, 0, 0],
    ['a fence of four', 'so\n````\na ``` fence\n````\nthen', 2, 0, 0],
    ['words hidden in a fence', 'so\n```\n等等，不对\n```\nthen', 2, 2, 0],
    ['words hidden in inline code', 'so `等等` and ``проверим``', 2, 1, 1],
    ['words hidden in LaTeX', 'so $\\text{等等}$, \\boxed{\\text{不对}}, \\[等等\\]', 1, 3, 0],
    ['words hidden in tags', 'so <a 等等> <｜不对｜> https://a/等等', 1, 3, 0],
    ['letters of formulas', 'so $α + β̂ = 𝑥 ∈ ℝ$ and `λ`', 2, 0, 0],
    ['fences of tildes', 'so\n~~~\nreturn value\n~~~\nthen', 2, 0, 0],
    ['inline code', 'call `some function` or ``other thing`` now', 3, 0, 0],
    ['an odd back-tick hides nothing', "it's a ` here", 2, 0, 0],
    ['inline LaTeX', 'area $\\text{base} \\times height$ and \\(width\\) done', 3, 0, 0],
    ['display LaTeX', 'so $$total = sum$$ and \\[\nvalue\n\\] end', 3, 0, 0],
    ['LaTeX environment', 'so \\begin{align}\nfoo &= bar\n\\end{align} end', 2, 0, 0],
    ['bare LaTeX', 'gives \\frac{speed}{\\sqrt{time}} and \\boxed{\\text{apples}}', 2, 0, 0],
    ['prices are no LaTeX', 'pay $5 for tea and $6 for milk', 6, 0, 0],
    ['addresses', 'see https://example.org/some/page now', 2, 0, 0],
    ['empty', '', 0, 0, 0],
  ])('%s', (_, text, latin, han, other) => {
    expect(countWords(text)).toEqual({ latin, han, other })
  })

  it('counts the words of two texts as those of both, a line apart', () => {
    const word = fc.constantFrom('wait', '等等', '3', '+', 'проверим', 'x', '不对', ',', '。')
    const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [one, two, both] = [countWords(a), countWords(b), countWords(`${a}\n${b}`)]
        expect(both).toEqual({
          latin: one.latin + two.latin,
          han: one.han + two.han,
          other: one.other + two.other,
        })
      }),
    )
  })

  it('stays quick on text made to slow it down', () => {
    for (const piece of [
      '1',
      'a',
      '`a',
      '$a',
      '\\(',
      '\\[a',
      '\\begin{a}',
      '\\a{',
      '\\a{b{c}',
      '<a ',
      '```a',
      "a'",
      '`',
      '对',
    ])
      countWords(piece.repeat(3_000))
    countWords('对'.repeat(200_000))
    countWords(`${'`'.repeat(100_000)}a${'~'.repeat(100_000)}`)
  })
})

describe('languageShare', () => {
  it.each<[string, string, number | null]>([
    ['wait let us check', 'en', 1],
    ['wait let us check', 'zh', 0],
    ['等等 wait', 'zh', 0.5],
    ['等等 wait', 'zh-CN', 0.5],
    ['等等 wait', 'EN_us', 0.5],
    ['等等 wait проверим', 'en', 1 / 3],
    ['1 + 2 = 3', 'en', null],
    ['$wait$ `stop`', 'en', null],
    ['Okay.\n``` \n等等，让我检查一下', 'en', 1 / 6],
    ['', 'zh', null],
  ])('%s in %s', (text, target, expected) => expect(languageShare(text, target)).toBe(expected))

  it('is between 0 and 1, and English and Chinese never exceed the whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [en, zh] = [languageShare(text, 'en'), languageShare(text, 'zh')]
        if (en === null || zh === null) expect([en, zh]).toEqual([null, null])
        else expect(Math.min(en, zh, 1 - en - zh)).toBeGreaterThanOrEqual(-1e-12)
      }),
    )
  })

  it('asks for the detector to be loaded first, and names the languages it can tell', async () => {
    expect(() => languageShare('Bonjour', 'fr')).toThrow(/prepareLanguage\('fr'\)/)
    await expect(prepareLanguage('tlh')).rejects.toThrow(ConfigError)
    await expect(prepareLanguage('tlh')).rejects.toThrow(/language is "tlh".*\bfr\b/)
    expect(() => languageShare('nuqneH', 'tlh')).toThrow(/prepareLanguage/)
  })

  it('tells other languages sentence by sentence', async () => {
    await prepareLanguage('fr')
    expect(languageShare('Bonjour, je pense que la réponse est trois.', 'fr')).toBe(1)
    expect(languageShare('We need to check this first.', 'fr')).toBe(0)
    expect(languageShare('Vérifions la réponse encore une fois. We should check that again now.', 'fr')).toBe(
      0.5,
    )
    expect(languageShare('Итак, давайте проверим ответ', 'ru')).toBe(1)
    expect(languageShare('Отже, давайте перевіримо відповідь', 'ru')).toBe(0)
    expect(languageShare('まず答えを確認しましょう', 'ja')).toBe(1)
    expect(languageShare('Wir prüfen zuerst die Antwort 等等，不对', 'de')).toBe(5 / 7)
  })
})

describe('isMixed', () => {
  it.each<[string, boolean]>([
    ['wait 等等', true],
    ['wait let us check 等等', true],
    ['等等，不对，让我检查一下 ok', true],
    ['只有中文', false],
    ['English only', false],
    ['', false],
    [`${'wait '.repeat(10)}等等`, false],
  ])('%s', (text, expected) => expect(isMixed(text)).toBe(expected))

  it('takes another share', () => {
    expect(isMixed(`${'wait '.repeat(10)}等等`, 0.05)).toBe(true)
    expect(isMixed('wait let us check 等等', 0.3)).toBe(false)
  })
})
