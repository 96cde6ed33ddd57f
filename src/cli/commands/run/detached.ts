import type { Cli } from '../../cli.ts'
import type { Session } from '../../connect/session.ts'
import { printJson } from '../../render/print.ts'

/** Says under which id a run goes on in the background, and how to follow it. */
export function sayStarted({ terminal }: Cli, session: Session, id: string, json: boolean): number {
  if (json) printJson(terminal, { id })
  else terminal.out(id)
  terminal.say(`It runs ${session.where}. To follow it:\n  ${session.command('resume', id)}`)
  return 0
}
