import { TerminalError } from '../../errors.ts'
import type { FolderConnection, OwnerPlace } from '../../http/server/join-folder.ts'
import type { Cli, Setup } from '../cli.ts'
import { formatCount } from '../terminal/format.ts'
import { listenForSignals } from '../terminal/signals.ts'

/** How a process serves a data folder. */
type ServeOptions = {
  /** the name of this work in messages of other processes */
  readonly command: string
  /** seconds that running work gets after a signal */
  readonly grace: number
  /** Called once this process owns the folder; an error that it throws ends the work. */
  begin?(place: OwnerPlace): Promise<never>
}

/** Works in a data folder until a signal, then lets running work end; resolves with the exit code. */
export async function serveFolder(cli: Cli, setup: Setup, serving: ServeOptions): Promise<number> {
  const interruption = listenForSignals(() => process.exit(130))
  try {
    const { joinFolder } = await import('../../http/server/join-folder.ts')
    // a disk that stalls must not delay other answers
    const joining = joinFolder(setup, { ...serving, parts: { writer: 'thread' } })
    joining.catch(() => {})
    const joined = await Promise.race([joining, interruption.asked])
    // nothing is under way yet
    if (typeof joined === 'string') return exitOf(joined, true)
    const place = ownPlace(setup, joined)
    const begun = serving.begin?.(place)
    begun?.catch(() => {})
    return await workUntil(cli, place, Promise.race([interruption.asked, ...(begun ? [begun] : [])]), serving.grace)
  } finally {
    interruption.off()
  }
}

function ownPlace({ data }: Pick<Setup, 'data'>, place: FolderConnection): OwnerPlace {
  if (place.role === 'owner') return place
  throw new TerminalError(`Process ${place.owner.pid} already owns the data folder ${data}.`, { code: 'owned' })
}

async function workUntil(
  { terminal }: Cli,
  place: OwnerPlace,
  asked: Promise<NodeJS.Signals>,
  grace: number,
): Promise<number> {
  try {
    const signal = await Promise.race([asked, place.runtime.broken()])
    terminal.say(
      `Stopping: running work gets ${formatCount(grace, 'second')} to finish. A second signal stops it at once.`,
    )
    const begun = performance.now()
    await place.leave(grace * 1_000)
    const isClean = performance.now() - begun < grace * 1_000
    if (!isClean) terminal.say('Unfinished work was interrupted. It resumes at the next start.')
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
