import { existsSync } from 'node:fs'
import { type Cli, configureHere } from '../cli.ts'
import { nothingIn, type Session, withRuntime } from './session.ts'
import type { Whereabouts } from './target.ts'

/** How a command looks into a data folder, or asks a server; `empty`: what it does where there is none yet (absent: that is a NotFoundError). */
export type LookOptions = Whereabouts & {
  readonly command: string
  empty?(): number
}

/** Looks into a data folder, through the process that owns it or for itself; takes up no work, and creates nothing. */
export async function look(
  cli: Cli,
  { empty, ...options }: LookOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  if (options.server !== undefined) return withRuntime(cli, options, work)
  const setup = await configureHere(cli, options.data)
  if (existsSync(setup.data)) return withRuntime(cli, { ...options, serve: false }, work)
  if (empty) return empty()
  throw nothingIn(setup.data)
}
