import type { EngineView, ListedActor } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { goalRef, KIND, runRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { ownerFilter, ownerOf } from '../../lib/owner.ts'
import { nameIn } from '../../thread/protocol/thread-name.ts'
import { IN_INBOX } from '../../work/inbox.ts'
import type { WorkFor } from '../../work/origin/call-for.ts'

/** An actor that waits for people, with its kind. */
export type WaitingActor = ListedActor & Pick<ActorRef, 'kind'>

/**
 * The actors that wait for people in a goal or a thread: itself, and the work below it, whose keys begin with its key.
 * With `owner`, only those of this owner.
 */
export async function waitingWithin(
  view: EngineView,
  within: ActorRef,
  owner: string | undefined,
): Promise<readonly WaitingActor[]> {
  const where = { ...IN_INBOX, ...ownerFilter(owner) }
  const prefix = `${within.key}.`
  const listed = async (kind: string): Promise<readonly WaitingActor[]> =>
    (await view.list(kind, { where, prefix })).map((one) => ({ kind, ...one }))
  const below = [...(await listed(KIND.step)), ...(await listed(KIND.goal))]
  const index = (await inspectOne(view, within))?.cell?.index ?? {}
  const isWaiting = index.inbox === IN_INBOX.inbox && (owner === undefined || ownerOf(index) === owner)
  const own = isWaiting ? [{ ...within, index }] : []
  if (within.kind !== KIND.thread) return [...own, ...below.filter(({ key }) => OF_GOAL.test(key.slice(prefix.length)))]
  const isOf = await Promise.all(below.map((one) => worksFor(view, one, within.key)))
  return [...own, ...below.filter((_, at) => isOf[at])]
}

/** The rest of a key that begins with a goal: its rounds, or its playbook. A thread has such a name as well. */
const OF_GOAL = /^(?:\d|playbook)/

/** Whether a step or a goal works for the thread: the name of another thread may begin alike. */
async function worksFor(view: EngineView, { kind, key, index }: WaitingActor, thread: string): Promise<boolean> {
  const of = kind === KIND.step ? runRef(String(index.run)) : goalRef(key)
  const { workFor } = ((await readSinglePart(view.parts, of, 'start')) ?? {}) as { readonly workFor?: WorkFor }
  return workFor?.conversation === nameIn(thread, ownerOf(index))
}
