/**
 * The command line. A command is a record in `commands/GROUP/`, and `program.ts` lists the groups. A command works
 * through a client, in the process that owns the data folder or at a server, and prints what it gets. `connect/`
 * finds that process, `render/` and `progress/` draw, and `terminal/` is the only way to the screen. This file holds
 * what every command receives.
 */

import type { Config, ConfigRequest } from '../config/config.ts'
import type { EngineOverrides } from '../config/engine.ts'
import type { FolderSetup } from '../http/server/join-folder.ts'
import type { LogConfig } from '../observe/log/settings.ts'
import type { RuntimeParts } from '../runtime/open/parts.ts'
import type { MachineSettings } from '../worker/scaling/machine.ts'
import type { Terminal } from './terminal/terminal.ts'

/** The services that all commands share. */
export interface Cli {
  readonly terminal: Terminal
  readonly configure: Configure
  /** the engine that the command line selects, if any */
  engine(): EngineOverrides
  /** how to start this program again: its executable and first arguments */
  readonly self: readonly string[]
}

/** Reads the configuration of a folder, an absolute path; InvalidError when it is wrong. */
export type Configure = (where: ConfigRequest) => Promise<Setup>

/** A configuration that can be opened, by the owner of the folder or by claiming it; `data` is absolute. */
export type Setup = FolderSetup &
  Pick<Config, 'durability' | 'embedder' | 'ledger' | 'media' | 'memory' | 'notify' | 'sandbox'> &
  Partial<Pick<Config, 'folder' | 'use'>> & {
    /** settings that override the detected machine; absent: none */
    readonly machine?: MachineSettings
    /** the domains and phases with the place of their files, and the program of the project; absent: none */
    readonly ofChain?: Pick<Config, 'domains' | 'phases' | 'chain' | 'folder' | 'file' | 'app'>
    /** Loads the workflows, tools and agents of the program that antiphon.yaml names; absent: there is none. */
    program?(): Promise<RuntimeParts>
  }

/** The configuration where this command runs. Only commands that serve write log lines. */
export function loadSetup(
  cli: Cli,
  data: string | undefined,
  engine = cli.engine(),
  { metrics, ...log }: LogConfig & Pick<ConfigRequest, 'metrics'> = { log: 'none' },
): Promise<Setup> {
  const { folder, environment } = cli.terminal
  const given = { ...(data !== undefined && { data }), ...(metrics !== undefined && { metrics }) }
  return cli.configure({ folder, environment, engine, log, ...given })
}
