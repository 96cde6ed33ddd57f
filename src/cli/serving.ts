import { TerminalError } from '../errors.ts'
import type { Cli, Setup } from './cli.ts'
import type { OwnPlace, Place } from './place.ts'
import { count } from './words.ts'

/** The place of a process that works for others; a TerminalError where another process does already. */
export function ownPlace({ data }: Pick<Setup, 'data'>, place: Place): OwnPlace {
  if (place.role === 'owner') return place
  throw new TerminalError(`Process ${place.owner.pid} works in the data folder ${data} already.`, { code: 'owned' })
}

/** Works until that signal, then lets what is under way end within `grace` seconds; resolves with the exit code. */
export async function workUntil(
  { terminal }: Cli,
  place: OwnPlace,
  asked: Promise<NodeJS.Signals>,
  grace: number,
): Promise<number> {
  try {
    const signal = await Promise.race([asked, place.runtime.broken()])
    terminal.say(`Stopping: what is under way gets ${count(grace, 'second')}. A second signal ends it at once.`)
    const begun = performance.now()
    await place.leave(grace * 1_000)
    const isClean = performance.now() - begun < grace * 1_000
    if (!isClean) terminal.say('What took longer was interrupted, and begins again where it was.')
    return exitOf(signal, isClean)
  } finally {
    await place.leave(0)
  }
}

// a service manager asks by SIGTERM, and reads anything but 0 as a failure
function exitOf(signal: NodeJS.Signals, isClean: boolean): number {
  if (signal !== 'SIGTERM') return 130
  return isClean ? 0 : 1
}
