/** `--device` and `--threads`: what computes. */
import { type Command, Option } from 'commander'
import { chooseDevice, DEVICE_VARIABLE, DEVICES, type Device, THREADS_VARIABLE } from '../loading/device.ts'
import { positiveNumber } from './config-flags.ts'
import { printNote } from './output.ts'

interface DeviceFlags {
  device: Device
  threads?: number
}

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
    .addOption(
      new Option('--threads <number>', 'CPU threads to compute with; one a core by default')
        .argParser(positiveNumber)
        .env(THREADS_VARIABLE),
    )
    .hook('preAction', (_, action) => chooseDevice(action.opts() as DeviceFlags, printNote))
}
