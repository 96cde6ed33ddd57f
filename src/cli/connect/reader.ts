import { existsSync } from 'node:fs'
import { type Cli, type ConnectionTarget, loadSetup } from '../cli.ts'
import { noDataFolder, type Session, withRuntime } from './session.ts'

/** How a command reads a data folder, or asks a server. A missing folder is a NotFoundError if neither is given. */
type ReaderOptions = ConnectionTarget & {
  readonly command: string
  /** Lists nothing for a missing folder, which is then named: it may be the wrong one. */
  empty?(): Promise<number> | number
  /** Does the work in another way for a missing folder. */
  without?(): number
}

/** Reads a data folder, through its owner or directly; resumes no work, and creates nothing. */
export async function withReader(
  cli: Cli,
  { empty, without, ...options }: ReaderOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  if (options.server !== undefined) return withRuntime(cli, options, work)
  const setup = await loadSetup(cli, options.data)
  // memories on a server are there without a folder
  const isElsewhere = options.command.startsWith('antiphon memory') && setup.memory?.url !== undefined
  if (existsSync(setup.data) || isElsewhere)
    return withRuntime(cli, { ...options, serve: false, ...(isElsewhere && { creates: true }) }, work)
  if (without) return without()
  const missing = noDataFolder(setup.data)
  if (!empty) throw missing
  const code = await empty()
  cli.terminal.say(missing.message)
  return code
}
