import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands.ts'
import { buildProgram } from './program.ts'
import { RECIPES } from './recipes.ts'

const loaded: string[] = []
const entry = (name: string) => ({
  summary: `summary of ${name}`,
  load: async () => {
    loaded.push(name)
    return new Command(name)
      .description(`all about ${name}`)
      .option('--limit <n>')
      .action(() => {})
  },
})

/** What the program prints and how it ends. */
async function run(args: string[], commands = { first: entry('first'), second: entry('second') }) {
  const program = await buildProgram(args, commands)
  let output = ''
  const write = (text: string) => {
    output += text
  }
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeOut: write, writeErr: write, outputError: (text, to) => to(text) })
  const code = await program.parseAsync(args, { from: 'user' }).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  )
  return { output, code }
}

describe('buildProgram', () => {
  it('lists every command without loading any', async () => {
    loaded.length = 0
    const { output, code } = await run(['--help'])
    expect(output).toMatch(/first \[options\] +summary of first|first +summary of first/)
    expect(output).toMatch(/second +summary of second/)
    expect(output).toMatch(/Examples:/)
    expect(code).toBe('commander.helpDisplayed')
    expect(loaded).toEqual([])
  })

  it.each([[['first', '--limit', '3']], [['help', 'first']], [['first', '--help']]])(
    '%j loads one',
    async (args) => {
      loaded.length = 0
      await run(args)
      expect(loaded).toEqual(['first'])
    },
  )

  it.each([
    [['frst'], 'commander.unknownCommand', /Did you mean first\?/],
    [
      ['first', '--limt', '3'],
      'commander.unknownOption',
      /Did you mean --limit\?[\s\S]*\(see: r1 first --help\)/,
    ],
    [['first', 'more'], 'commander.excessArguments', /too many arguments/],
  ])('%j is a usage error', async (args, expected, message) => {
    const { output, code } = await run(args)
    expect(code).toBe(expected)
    expect(output).toMatch(message)
  })
})

describe('every command of the table', () => {
  it.each(Object.keys(COMMANDS))('%s has help with examples', async (name) => {
    const { output, code } = await run([name, '--help'], COMMANDS as never)
    expect(code).toBe('commander.helpDisplayed')
    expect(output).toMatch(new RegExp(`Usage: r1 ${name}`))
    expect(output).toMatch(/Examples?:/)
  })

  it('config tells what each recipe is', async () => {
    const { output } = await run(['config', '--help'], COMMANDS as never)
    for (const [name, { summary }] of Object.entries(RECIPES))
      expect(output).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'))
  })
})
