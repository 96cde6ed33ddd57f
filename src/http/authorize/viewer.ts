import { noGoal } from '../../agent/room/goals/errors.ts'
import { NotFoundError } from '../../errors.ts'
import { allows } from '../../house/scope.ts'
import type { SeenThread, Viewer } from '../../house/viewer.ts'
import { noRun } from '../../run/room/errors.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { findThread, fullName, nameIn, readThreadName } from '../../thread/protocol/thread-name.ts'
import { noAsk } from '../../thread/room/decisions.ts'
import type { Caller } from './caller.ts'

export type RuntimeViewer = Viewer & {
  readonly caller: Caller
  readonly runtime: ServedRuntime
  /** The thread of an ask, and its owner. NotFoundError if it does not exist. */
  findAsk(ask: string, thread?: string): Promise<{ readonly thread: string; readonly owner: string }>
}

/** The checks of a caller. Items of other owners are reported exactly like missing ones. */
export function viewerOf(runtime: ServedRuntime, caller: Caller): RuntimeViewer {
  const isAdmin = allows(caller.scopes, 'admin')
  const seen = isAdmin ? 'all' : (caller.staff?.owners ?? [caller.owner])
  const isSeen = (owner: string | undefined) => owner !== undefined && (seen === 'all' || seen.includes(owner))

  const nameOfThread = (key: string, owner: string) => {
    const name = nameIn(key, owner)
    return owner === caller.owner ? name : fullName({ owner, name })
  }

  async function find(written: string): Promise<SeenThread> {
    const thread = readThreadName(written, caller.owner)
    if (!isSeen(thread.owner)) throw noThread(written)
    const { key, holder } = await findThread(thread, runtime.serving.ownerOfThread)
    const owner = holder ?? thread.owner
    if (!isSeen(owner)) throw noThread(written)
    return { key, owner, shown: nameOfThread(key, owner), hasBegun: holder !== undefined }
  }

  async function seenThread(written: string): Promise<SeenThread> {
    const found = await find(written)
    // the user of the data folder may follow what another request is about to begin
    if (!isAdmin && !caller.local && !found.hasBegun) throw noThread(written)
    return found
  }

  /** The thread of an ask, among those of the owners that the caller sees. */
  async function threadOf(ask: string): Promise<string | undefined> {
    if (seen === 'all') return runtime.serving.threadOfAsk(ask, {})
    for (const owner of seen) {
      const thread = await runtime.serving.threadOfAsk(ask, { owner })
      if (thread !== undefined) return thread
    }
    return undefined
  }

  return {
    runtime,
    caller,
    isAdmin,
    seen,
    nameOfThread,
    findThread: find,
    seenThread,
    async checkRun(run) {
      const owner = await runtime.serving.ownerOfRun(run)
      if (owner === undefined || !isSeen(owner))
        throw await noRun(run, runtime.engine.view, isAdmin ? undefined : caller.owner)
      return owner
    },
    async checkGoal(goal) {
      if (!isSeen(await runtime.serving.ownerOfGoal(goal))) throw noGoal(goal)
    },
    async findAsk(ask, named) {
      const thread = await (named === undefined
        ? threadOf(ask)
        : runtime.serving.threadOfAsk(ask, { thread: (await seenThread(named)).key }))
      const owner = thread === undefined ? undefined : await runtime.serving.ownerOfThread(thread)
      if (thread === undefined || owner === undefined || !isSeen(owner)) throw noAsk(ask)
      return { thread, owner }
    },
  }
}

const noThread = (written: string) =>
  new NotFoundError(`There is no thread ${written}.`, {
    hint: written.includes(':')
      ? 'The text before the colon names an owner, and only this owner has the thread. A name has no colon of its own.'
      : 'To see yours: antiphon threads list',
  })
