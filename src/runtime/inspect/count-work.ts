import { type EngineView, inspectOne } from '../../engine/engine.ts'
import { goalRef, KIND, runRef, threadRef, workOf } from '../../house/actors.ts'
import { nameOf, parseRef } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import { ownerFilter } from '../../lib/owner.ts'
import { threadOfPhase } from '../../thread/protocol/refs.ts'
import { IN_INBOX, readWait } from '../../work/wait.ts'
import type { WorkCounts } from '../ports/inspector.ts'

/** Actors of a list that are read. With more of them, the numbers are minimums. */
const MAX_LISTED = 5000

/** The lists of work that is open, and of what waits in it. The index of such lists leaves out runs that stay aside. */
const LISTS = [
  ...[KIND.run, KIND.thread, KIND.goal].map((kind) => [kind, { status: 'running', aside: null }] as const),
  ...[KIND.goal, KIND.step, KIND.phase].map((kind) => [kind, { status: 'waiting', aside: null }] as const),
  [KIND.goal, { status: 'paused', aside: null }],
  [KIND.step, IN_INBOX],
] as const

export type OpenActor = { readonly of: ActorRef; readonly index: ActorIndex }

/** Counts the work of some owners, or of all, that no other work waits for. */
export async function countOpenWork(view: EngineView, owners?: readonly string[]): Promise<WorkCounts> {
  const lists = await Promise.all(
    (owners ?? [undefined]).flatMap((owner) =>
      LISTS.map(async ([kind, where]) => {
        const listed = await view.list(kind, { where: { ...where, ...ownerFilter(owner) }, limit: MAX_LISTED })
        return listed.map(({ key, index }): OpenActor => ({ of: { kind, key }, index }))
      }),
    ),
  )
  const more = lists.some(({ length }) => length === MAX_LISTED) && { more: true as const }
  return { ...countWork(await withRunsAbove(view, lists.flat())), ...more }
}

const READ_AT_ONCE = 100

/** Adds the runs above what is listed: a run of a goal or of a question is in no list. */
async function withRunsAbove(view: EngineView, listed: readonly OpenActor[]): Promise<readonly OpenActor[]> {
  const all = [...listed]
  const known = new Set(all.map(({ of }) => nameOf(of)))
  for (let at = 0; at < all.length; at += READ_AT_ONCE) {
    const above = all.slice(at, at + READ_AT_ONCE).flatMap((actor) => aboveOf(actor) ?? [])
    const unread = [...new Set(above)].filter((name) => !known.has(name) && parseRef(name).kind === KIND.run)
    for (const name of unread) known.add(name)
    const read = await Promise.all(unread.map(async (name) => inspectOne(view, parseRef(name))))
    all.push(...read.flatMap((found) => (found?.cell?.index ? [{ of: found.of, index: found.cell.index }] : [])))
  }
  return all
}

/** Waits of work: the first counts if it waits for several. */
const WAITS = ['person', 'code', 'others', 'nothing'] as const

/** Counts work by its waits. A run of a goal, a goal of a conversation and a child run count with these. Pure. */
export function countWork(actors: readonly OpenActor[]): WorkCounts {
  const above = new Map(actors.map((actor) => [nameOf(actor.of), aboveOf(actor)]))
  const waits = new Map<string, number>()
  for (const actor of actors) {
    const top = topOf(nameOf(actor.of), above)
    waits.set(top, Math.min(waits.get(top) ?? WAITS.length, WAITS.indexOf(waitOf(actor))))
  }
  const all = [...waits.values()]
  const count = (wait: (typeof WAITS)[number]) => all.filter((rank) => WAITS[rank] === wait).length
  return { person: count('person'), code: count('code'), others: count('others'), working: count('nothing') }
}

function waitOf({ of, index }: OpenActor): (typeof WAITS)[number] {
  const wait = readWait(index)
  switch (wait?.type) {
    case 'signal':
      return index.inbox === IN_INBOX.inbox ? 'person' : 'others'
    case 'budget':
    case 'decision':
    case 'person':
      return 'person'
    case 'code':
      return 'code'
    case 'provider':
    case 'health':
    case 'elsewhere':
      return 'others'
  }
  if (index.status === 'paused') return 'person'
  // a step pauses before its next attempt
  const isHeld = of.kind !== KIND.step && (index.later !== undefined || index.until !== undefined)
  return isHeld ? 'others' : 'nothing'
}

/** The name of the work that an actor is part of. */
function aboveOf({ of, index }: OpenActor): string | undefined {
  const work = of.kind === KIND.step ? workOf(of) : undefined
  if (work) return nameOf(runRef(work.id))
  const { thread, goal, root } = index
  const phase = threadOfPhase(of)
  if (phase) return nameOf(phase)
  if (thread !== undefined) return nameOf(threadRef(String(thread)))
  if (goal !== undefined) return nameOf(goalRef(String(goal)))
  return root === undefined ? undefined : nameOf(runRef(String(root)))
}

/** Work above work: more of it is no work that one can start. */
const DEEPEST = 50

function topOf(name: string, above: ReadonlyMap<string, string | undefined>): string {
  let top = name
  for (let depth = 0; depth < DEEPEST; depth++) {
    const next = above.get(top)
    if (next === undefined) break
    top = next
  }
  return top
}
