/** `--device`: what computes. */
import { type Command, Option } from 'commander'
import { chooseDevice, DEVICE_VARIABLE, DEVICES, type Device } from '../loading/device.ts'
import { printNote } from './output.ts'

/** Gives the command, and those inside it, the choice of a device before it runs. */
export function addDeviceFlag(command: Command): Command {
  for (const inner of command.commands) addDeviceFlag(inner)
  return command
    .addOption(
      new Option('--device <device>', 'what computes; auto is a GPU where there is one')
        .choices(DEVICES)
        .default('cpu')
        .env(DEVICE_VARIABLE),
    )
    .hook('preAction', (_, action) => chooseDevice((action.opts() as { device: Device }).device, printNote))
}
