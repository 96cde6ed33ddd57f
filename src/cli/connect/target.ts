import { type Command, Option } from 'commander'

/** Where a command works: in a data folder of this machine, or at a server with a key. */
export type ConnectionTarget = {
  readonly data?: string | undefined
  readonly server?: string | undefined
  readonly key?: string | undefined
}

/** The options of a command that say where it works. */
export function targetOf({ data, server, key }: ConnectionTarget): ConnectionTarget {
  return { data, server, key }
}

/** Adds the server options to a command and its subcommands. */
export function withServerOptions(command: Command): Command {
  for (const below of command.commands) withServerOptions(below)
  if (command.commands.length > 0) return command
  return command
    .addOption(new Option('--server <url>', 'use this server instead of a data folder').conflicts('data'))
    .addOption(new Option('--key <token>', 'API key for the server (default: $ANTIPHON_KEY, which is safer)'))
}
