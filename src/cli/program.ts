/** The program `r1`: only the called command is loaded, of the others `--help` needs no more than their summaries. */
import { Command } from 'commander'
import { packageVersion } from '../run/version.ts'
import { COMMANDS } from './commands.ts'
import { addDeviceFlag } from './device-flag.ts'
import { fitted } from './terminal.ts'

/** The program for these arguments (without node and script), with the command they name in it. */
export async function buildProgram(args: readonly string[], commands = COMMANDS): Promise<Command> {
  const program = new Command('r1')
    .description('DeepSeek-R1: watch reasoning emerge from pure reinforcement learning, on this machine.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    // Lines of the sources are no lines of the terminal.
    .configureHelp({ commandDescription: (command) => command.description().replaceAll('\n', ' ') })
    .configureOutput({
      writeOut: (text) => process.stdout.write(fitted(text, process.stdout)),
      writeErr: (text) => process.stderr.write(fitted(text, process.stderr)),
    })
    // A flag behind an inner command is that command's, also where the outer one has the same.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  r1 train r1-zero                          reinforcement learning on the pocket base model
  r1 train r1-zero --seed 2 --run runs/two  with another seed, in a folder of your choice
  r1 train r1-zero --run runs/two --resume  continue where it stopped
  r1 config r1-zero                         every setting and where its value came from
  r1 <command> --help                       more about one command`,
    )
  const called = calledCommand(args)
  for (const [name, { summary, load, computes }] of Object.entries(commands)) {
    if (name === called) {
      const command = await load(args)
      if (computes) addDeviceFlag(command)
      program.addCommand(command.summary(summary))
      inherit(program, command)
    } else program.command(name).summary(summary)
  }
  return program
}

/** The first argument that is no flag; for `r1 help train` the second. */
function calledCommand(args: readonly string[]): string | undefined {
  const names = args.filter((arg) => !arg.startsWith('-'))
  return names[0] === 'help' ? names[1] : names[0]
}

/** Commands made elsewhere do not take over how the program ends and speaks. */
function inherit(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent)
  command.showHelpAfterError(`(see: ${pathOf(command)} --help)`)
  for (const inner of command.commands) inherit(command, inner)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
