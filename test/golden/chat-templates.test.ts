/** Chat templates against Jinja2 as transformers sets it up: every construct that published templates use, and whole templates. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderTemplate } from '../../src/text/jinja/render.ts'
import { parseTemplate } from '../../src/text/jinja/syntax.ts'

type Outcome = { expected: string } | { refused: string }
interface Fixture {
  variables: Record<string, unknown>
  constructs: ({ name: string; template: string } & Outcome)[]
  conversations: Record<string, Record<string, unknown>>
  families: { name: string; template: string; cases: Record<string, Outcome> }[]
}
const fixture: Fixture = JSON.parse(
  readFileSync(new URL('./fixtures/chat-templates.json', import.meta.url), 'utf8'),
)

function check(template: string, variables: Record<string, unknown>, outcome: Outcome): void {
  const render = () => renderTemplate(parseTemplate(template), variables)
  if ('expected' in outcome) expect(render()).toBe(outcome.expected)
  else expect(render).toThrow()
}

describe('constructs', () => {
  it.each(fixture.constructs)('$name', ({ template, ...outcome }) =>
    check(template, fixture.variables, outcome),
  )
})

describe.each(fixture.families)('$name', ({ template, cases }) => {
  it.each(Object.entries(cases))('%s', (name, outcome) => {
    check(template, fixture.conversations[name]!, outcome)
  })
})
