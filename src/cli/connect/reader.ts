import { existsSync } from 'node:fs'
import { type Cli, loadSetup } from '../cli.ts'
import { noDataFolder, type Session, withRuntime } from './session.ts'
import type { ConnectionTarget } from './target.ts'

/** How a command reads a data folder, or asks a server; `empty` handles a missing folder (absent: a NotFoundError). */
type ReaderOptions = ConnectionTarget & {
  readonly command: string
  empty?(): number
}

/** Reads a data folder, through its owner or directly; resumes no work, and creates nothing. */
export async function withReader(
  cli: Cli,
  { empty, ...options }: ReaderOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  if (options.server !== undefined) return withRuntime(cli, options, work)
  const setup = await loadSetup(cli, options.data)
  // memories on a server are there without a folder
  const isElsewhere = options.command === 'antiphon memory' && setup.memory?.url !== undefined
  if (existsSync(setup.data) || isElsewhere)
    return withRuntime(cli, { ...options, serve: false, ...(isElsewhere && { creates: true }) }, work)
  if (empty) return empty()
  throw noDataFolder(setup.data)
}
