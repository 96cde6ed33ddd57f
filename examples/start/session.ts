import type { Setup } from '../../src/cli/cli.ts'
import { InvalidError, TerminalError } from '../../src/errors.ts'
import type { Client } from '../../src/http/client/client.ts'
import { joinFolder } from '../../src/http/server/join-folder.ts'
import { type Runner, startRunner } from './runner.ts'

/** A runner that is up, and a way to talk to it. */
export type Session = { readonly runner: Runner; readonly client: Client; leave(): Promise<void> }

// the runner is a process of this one, so its end is seen; on a busy machine it begins late
const PATIENCE_MS = 120_000

/** Starts a runner and connects to it. InvalidError when another process owns the data folder. */
export async function openSession(root: string, setup: Setup): Promise<Session> {
  const runner = startRunner(root, setup.data)
  let gone = false
  void runner.exited.then(() => {
    gone = true
  })
  const checkWait = () => {
    if (gone) throw new TerminalError(`The runner ended at once. It said:\n${runner.said() || '(nothing)'}`)
  }
  const place = await joinFolder(setup, { command: 'npm start', role: 'visitor', patience: PATIENCE_MS, checkWait })
  if (place.role === 'visitor' && place.owner.pid !== runner.pid) {
    await place.leave()
    throw new InvalidError(
      `The data folder ${setup.data} belongs to process ${place.owner.pid} (${place.owner.command}).`,
      {
        code: 'owned',
        hint: 'Wait until it is done, or give another folder: npm start -- --data DIR',
      },
    )
  }
  return { runner, client: place.client, leave: () => place.leave(0) }
}

/** Ends a runner: no new step, those in flight get 5 s. */
export async function endSession({ runner, leave }: Session): Promise<void> {
  await leave()
  runner.signal('SIGINT')
  await runner.exited
}
