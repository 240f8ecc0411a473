import { describe, expect, it } from 'vitest'
import { renderTemplate } from './render.ts'
import { parseTemplate } from './syntax.ts'
import { WorkSpent } from './work.ts'

const render = (template: string, variables = {}) => renderTemplate(parseTemplate(template), variables)

describe('a template that would not end', () => {
  const rounds = (body: string) => `{% for a in range(100000) %}${body}{% endfor %}`
  it.each([
    ['loops in loops', rounds(rounds(rounds('')))],
    ['a text that doubles', `{% set n = namespace(x='ab') %}${rounds('{% set n.x = n.x ~ n.x %}')}`],
    ['a text that doubles by +', `{% set n = namespace(x='ab') %}${rounds('{% set n.x = n.x + n.x %}')}`],
    ['a list that doubles', `{% set n = namespace(x=[1]) %}${rounds('{% set n.x = n.x + n.x %}')}`],
    ['a list in itself', `{% set n = namespace(x=[1]) %}${rounds('{% set n.x = [n.x, n.x] %}{{ n.x }}')}`],
    [
      'a list in itself, as JSON',
      `{% set n = namespace(x=[1]) %}{% for a in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}`,
    ],
    [
      'a list in itself, compared',
      `{% set n = namespace(x=[1], y=[1]) %}{% for a in range(40) %}{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}`,
    ],
    [
      'a list in itself, joined',
      `{% set n = namespace(x=[1]) %}{% for a in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x ~ '' }}`,
    ],
    ['a repeated text', "{{ 'a' * 1000000000000 }}"],
    ['a repeated list', '{{ ([1] * 1000000000000) | length }}'],
    ['a replaced text', "{% set x = 'a' * 1000000 %}{{ x | replace('a', x) }}"],
    ['a joined list', "{% set x = 'a' * 1000000 %}{{ ([1] * 100000) | join(x) }}"],
    ['an indented text', "{{ 'a\nb' | indent(1000000000000) }}"],
    ['indented JSON', '{{ [1] | tojson(indent=1000000000000) }}'],
    ['a power', '{{ 3 ** 1000000000 }}'],
    ['a product that squares', `{% set n = namespace(x=99) %}${rounds('{% set n.x = n.x * n.x %}')}`],
    [
      'a macro that draws on itself twice',
      '{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}',
    ],
  ])('%s', (_, template) => {
    expect(() => render(template)).toThrow(WorkSpent)
  })

  it.each([
    ['a macro without an end', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    ['a long range', '{% for a in range(1000000000000) %}{% endfor %}'],
    ['braces in braces', `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`],
  ])('%s', (_, template) => {
    expect(() => render(template)).toThrow(/call stack|at most 100000/)
  })

  it('reads long white space in one pass', () => {
    const space = ' '.repeat(200_000)
    expect(render(`a${space}b`)).toBe(`a${space}b`)
    expect(render(`{{${space}'a${space}b' }}${space}{%- if true %}c{% endif %}`)).toBe(`a${space}bc`)
  })
})

it('costs a long conversation far less than the whole budget', () => {
  const messages = Array.from({ length: 10_000 }, (_, i) => ({
    role: 'user',
    content: `number ${i} `.repeat(20),
  }))
  const template = '{% for m in messages %}{{ loop.index0 }}{{ m.role + m.content | trim }}{% endfor %}'
  expect(render(template, { messages }).length).toBeGreaterThan(1_000_000)
})

it('keeps out of what JavaScript hides in its objects', () => {
  expect(render("[{{ {}.constructor }}{{ {}['__proto__'] }}{{ 'a'.constructor }}]")).toBe('[]')
  expect(() => render("{{ 'a' | constructor }}")).toThrow('no filter')
  expect(() => render("{{ [1] | select('toString') | list }}")).toThrow('no test')
})
