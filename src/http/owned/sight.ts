import { allows } from '../../access/scopes.ts'
import { NotFoundError } from '../../errors.ts'
import { noAsk } from '../../runtime/decisions.ts'
import { noRun } from '../../runtime/no-run.ts'
import type { Runtime } from '../../runtime.ts'
import { type Caller, localOnly } from '../caller.ts'

/** Who looks at a runtime, and what they may see. */
export type Sight = {
  readonly runtime: Runtime
  readonly caller: Caller
  readonly isAdmin: boolean
  /** NotFoundError when a thread of that owner is not theirs to see. */
  checkHolder(thread: string, owner: string | undefined): void
  /** NotFoundError when there is no such run. */
  checkRun(run: string): Promise<void>
  /** NotFoundError when there is no such thread, unless it may be any. */
  checkThread(thread: string): Promise<void>
  /** NotFoundError when there is no such question. */
  checkAsk(ask: string): Promise<void>
}

/** What is another's is refused in the very words in which what never was is. */
export function sightOf(runtime: Runtime, caller: Caller): Sight {
  const isAdmin = allows(caller.scopes, 'admin')
  const only = isAdmin ? undefined : caller.owner
  const isSeen = (owner: string | undefined) => owner !== undefined && (only === undefined || owner === only)
  const checkHolder = (thread: string, owner: string | undefined) => {
    if (!isSeen(owner)) throw new NotFoundError(`there is no thread ${thread}`)
  }
  return {
    ...{ runtime, caller, isAdmin, checkHolder },
    async checkRun(run) {
      if (!isSeen(await runtime.ownerOf(run))) throw await noRun(run, runtime.engine.view, only)
    },
    async checkThread(thread) {
      // an admin may follow what is yet to be asked
      if (!isAdmin) checkHolder(thread, await runtime.ownerOfThread(thread))
    },
    async checkAsk(ask) {
      const thread = await runtime.threadOfAsk(ask)
      if (thread === undefined || !isSeen(await runtime.ownerOfThread(thread))) throw noAsk(ask)
    },
  }
}

/** Only the user of the data folder names files of this machine. */
export function checkFile({ local }: Caller, file: string | undefined): void {
  if (file !== undefined && !local) throw localOnly()
}
