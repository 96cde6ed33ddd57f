import { type EngineView, inspectOne } from '../../engine/engine.ts'
import type { Inspected } from '../../engine/inspect.ts'
import { isStranded, type WaitsFor } from '../../engine/liveness.ts'
import { KIND, runRef, stepRef, workOf } from '../../house/actors.ts'
import { type ActorRef, nameOf, parseRef } from '../../kernel/ref.ts'
import { findRunStart } from '../../run/run.ts'
import { callersOn } from '../../thread/room/records.ts'
import type { Hold, LetterSummary, Why } from '../ports/inspector.ts'
import type { Holds } from './holds.ts'
import { shownStatus } from './shown-status.ts'

/** Limits of an explanation: other actors per actor, and depth. */
const WHY_LIMITS = { others: 20, depth: 12 } as const

type Lent = {
  readonly view: EngineView
  readonly waitsFor: WaitsFor
  readonly holdsOf: Holds
  /** the dead letters of an actor and its work */
  lettersOf(of: ActorRef): Promise<readonly LetterSummary[]>
}

/** Explains what an actor waits for, and what that waits for in turn, down to the root cause. */
export async function explainWait(lent: Lent, of: ActorRef, path: readonly string[] = []): Promise<Why> {
  const actor = await inspectOne(lent.view, of)
  const letters = await lent.lettersOf(of)
  if (!actor) return { of: nameOf(of), status: 'gone', holds: [{ type: 'gone' }], waitsFor: [], more: 0, letters }
  const others = actor.turn ? [] : await lent.waitsFor(actor)
  const onward = path.length < WHY_LIMITS.depth ? others.filter((other) => !path.includes(nameOf(other))) : []
  const explained = await Array.fromAsync(onward.slice(0, WHY_LIMITS.others), (other) =>
    explainWait(lent, other, [...path, nameOf(of)]),
  )
  // a deleted actor has sent its result: it is in the mailbox
  const waitsFor = hasMail(actor) ? explained.filter(({ status }) => status !== 'gone') : explained
  const more = others.length - explained.length
  const holds = [
    ...(await circle(lent, actor, path)),
    ...(await lent.holdsOf(actor)),
    ...(await waiting(lent, actor, waitsFor.length + more)),
  ]
  return { of: nameOf(of), status: await shownStatus(lent.view, actor), holds, waitsFor, more, letters }
}

/** A run that the code of a call at work has started, and that waits for this call: the wait is named at its end. */
async function circle({ view }: Lent, { of, turn }: Inspected, path: readonly string[]): Promise<readonly Hold[]> {
  const since = turn?.effect?.since
  if (since === undefined) return []
  const onPath = path.map(parseRef)
  const threads = onPath.filter(({ kind }) => kind === KIND.thread)
  const callers = await Promise.all(threads.map(({ key }) => callersOn(view, key, WHY_LIMITS.others)))
  for (const run of new Set([...onPath, ...callers.flat()].flatMap(runOf))) {
    const startedIn = (await findRunStart(run, view.parts))?.startedIn
    const places = startedIn ? [stepRef(startedIn.run, startedIn.step), runRef(startedIn.run)].map(nameOf) : []
    if (places.includes(nameOf(of))) return [{ type: 'circle', run, since }]
  }
  return []
}

/** The run that an actor is, or whose step it is. */
function runOf(of: ActorRef): readonly string[] {
  const work = workOf(of)
  return work && work.kind !== 'goal' ? [work.id] : []
}

const hasMail = ({ mail }: Inspected) => mail.some(({ due }) => due === undefined)

async function waiting({ view, waitsFor }: Lent, actor: Inspected, others: number): Promise<readonly Hold[]> {
  if (await isStranded(view, actor, waitsFor)) return [{ type: 'stranded' }]
  const { startedAt, updatedAt } = actor.cell?.index ?? {}
  const since = [updatedAt, startedAt].find((at) => typeof at === 'number')
  return others > 0 ? [{ type: 'others', ...(since !== undefined && { since }) }] : []
}
