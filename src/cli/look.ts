import { existsSync } from 'node:fs'
import { NotFoundError } from '../errors.ts'
import { type Cli, configureHere } from './cli.ts'
import { type Session, withRuntime } from './session.ts'

/** How a command looks into a data folder; `empty`: what it does where there is none yet (absent: that is a NotFoundError). */
export type LookOptions = {
  readonly command: string
  readonly data?: string | undefined
  empty?(): number
}

/** Looks into a data folder, through the process that owns it or for itself; takes up no work, and creates nothing. */
export async function look(
  cli: Cli,
  { command, data, empty }: LookOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const setup = await configureHere(cli, data)
  if (existsSync(setup.data)) return withRuntime(cli, { command, data, serve: false }, work)
  if (empty) return empty()
  throw new NotFoundError(`Nothing was started here yet: there is no data folder ${setup.data}.`)
}
