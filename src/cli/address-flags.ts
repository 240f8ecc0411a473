/** The flags of commands that listen: where, and who may ask. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { isLoopback } from '../run/loopback.ts'
import { wholeNumber } from './config-flags.ts'
import { printNote } from './output.ts'

export interface AddressFlags {
  port: number
  host: string
  apiKey?: string
}

const MOST = 65_535

export function addAddressFlags(
  command: Command,
  port: number,
  askForKey = 'ask clients for this key',
): Command {
  return command
    .option('-p, --port <port>', '0 picks a free port', portNumber, port)
    .option('--host <address>', 'where to listen; 0.0.0.0 for the whole network', '127.0.0.1')
    .addOption(new Option('--api-key <key>', askForKey).env('R1_API_KEY').argParser(key))
}

/** To be called once the server listens. */
export function warnOfStrangers({ host, apiKey }: AddressFlags): void {
  if (apiKey === undefined && !isLoopback(host))
    printNote('Everybody who reaches this address may use it; --api-key asks for a key.')
}

/** Throws where anybody on the network could run programs on this machine through what `flag` allows. */
export function refuseStrangers({ host, apiKey }: AddressFlags, flag: string): void {
  if (apiKey === undefined && !isLoopback(host))
    throw new ConfigError('everybody who reaches this address could run programs on this machine.', {
      field: flag,
      remedy: 'Ask for a key with --api-key, or listen on 127.0.0.1.',
    })
}

function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port > MOST) throw new InvalidArgumentError(`Expected a port from 0 to ${MOST}.`)
  return port
}

function key(text: string): string {
  if (text === '') throw new InvalidArgumentError('The key is empty. Leave it out for no key.')
  return text
}
