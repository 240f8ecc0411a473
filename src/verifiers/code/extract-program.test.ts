import { describe, expect, it } from 'vitest'
import { extractProgram } from './extract-program.ts'
import { humanEvalVersions } from './human-eval-versions.ts'

const fence = (tag: string, body: string, mark = '```') => `${mark}${tag}\n${body}\n${mark}`

describe('extractProgram', () => {
  it.each<[name: string, response: string, program: string | null]>([
    ['tagged block', `Here:\n${fence('python', 'x = 1')}\nBye`, 'x = 1'],
    ['last of two', `${fence('py', 'a')}\n${fence('python', 'b')}`, 'b'],
    ['a block cut off after a whole one', `${fence('py', 'a')}\n\`\`\`py\nprint(`, 'a'],
    ['a byte-order mark', `\uFEFF${fence('py', 'a')}`, 'a'],
    ['pypy', fence('pypy3', 'a'), 'a'],
    ['a closing fence cut off', '```python\na\n``', 'a\n'],
    ['blocks in another language after it', `${fence('python', 'a')}\n${fence('text', 'output')}`, 'a'],
    ['other language before', `${fence('bash', 'ls')}\n${fence('Python3', 'b')}`, 'b'],
    ['bare block before a tagged one', `${fence('', 'output')}\n${fence('python', 'b')}`, 'b'],
    ['bare block alone', fence('', 'b'), 'b'],
    ['only another language', fence('cpp', 'int main;'), null],
    ['tildes', fence('python', 'b', '~~~'), 'b'],
    ['longer fence around backticks', fence('python', 's = """\n```\n"""', '````'), 's = """\n```\n"""'],
    ['attributes', '```{.python .numbered}\nb\n```', 'b'],
    ['indented fence', '  ```python\n  if x:\n    y\n  ```', 'if x:\n  y'],
    ['never closed', 'Sure\n```python\nprint(1)', 'print(1)'],
    ['windows line ends', '```python\r\nprint(1)\r\n```', 'print(1)'],
    [
      'code in the thinking',
      `<think>${fence('python', 'draft')}</think>\n${fence('python', 'final')}`,
      'final',
    ],
    ['thinking that never ends', `<think>\n${fence('python', 'draft')}`, null],
    ['no fence', '    return 1\n', '    return 1\n'],
    ['fence on the line of the tag', `<answer>${fence('python', 'b')}</answer>`, 'b'],
    [
      'the last answer block',
      `<answer>${fence('python', 'a')}</answer> <answer>${fence('py', 'b')}</answer>`,
      'b',
    ],
    ['the tag in prose', `It goes into <answer> tags. <answer>${fence('python', 'b')}</answer>`, 'b'],
    [
      'fence before the answer block',
      `${fence('python', 'a')}\n<answer>${fence('python', 'b')}</answer>`,
      'b',
    ],
    ['answer block that never ends', '<answer>```python\nprint(1)', 'print(1)'],
    ['answer block without a fence', '<think>x</think> <answer> print(1) </answer>', 'print(1)'],
    ['indented text in an answer block', '<answer>\n    return 1\n</answer>', '    return 1'],
    ['empty answer block', '<answer> </answer>', null],
    ['empty', '  \n', null],
    ['empty block', fence('python', ''), null],
  ])('%s', (_name, response, program) => {
    expect(extractProgram(response, 'python')?.versions[0] ?? null).toBe(program)
  })

  it('takes long lines', () => {
    expect(extractProgram(`${'`'.repeat(200_000)}\rx`, 'python')).toBeNull()
  })

  it('takes the first of several blocks where it is told to', () => {
    const response = `${fence('python', 'a')}\n${fence('python', 'b')}`
    expect(extractProgram(response, 'python', 'first')?.versions).toEqual(['a'])
  })

  it('takes what stands before a lone closing fence, where what stands behind it is no program', () => {
    expect(extractProgram('a = 1\n```', 'python')?.versions).toEqual(['a = 1\n'])
    expect(extractProgram('python\na = 1\n```\nDone.', 'python')?.versions).toEqual(['Done.', 'a = 1\n'])
  })

  it('knows JavaScript by its names', () => {
    for (const tag of ['js', 'javascript', 'JavaScript'])
      expect(extractProgram(`${fence('python', 'a')}\n${fence(tag, 'b')}`, 'javascript')?.versions[0]).toBe(
        'b',
      )
  })
})

describe('humanEvalVersions', () => {
  const prompt = 'def f(x):\n    """doc"""\n'

  it('puts a program that defines the function after the prompt', () => {
    expect(
      humanEvalVersions({ versions: ['def f(x):\n    return x'], fenced: true }, prompt, 'f')[0],
    ).toEqual([prompt, 'def f(x):\n    return x'])
  })

  it('continues the prompt with a body, whatever its indentation, and without what follows it', () => {
    const versions = (text: string) =>
      humanEvalVersions({ versions: [text], fenced: false }, prompt, 'f').map((parts) => parts.join(''))
    expect(versions('    return x\n')[0]).toBe(`${prompt}    return x\n`)
    expect(versions('return x')[1]).toContain('\n    return x')
    expect(versions('    return x\n\nThis works because').at(-1)).toBe(`${prompt}    return x\n`)
  })
})
