import type { Engine, EngineView } from '../../engine/engine.ts'
import { goalRef, KIND, threadRef } from '../../house/actors.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { ownerOf } from '../../lib/owner.ts'
import { threadRemoved } from '../actor/lifecycle.ts'
import { askPartName, decodeAskPosition, numberPartName, workPartName } from '../actor/parts.ts'
import { type AskRecord, type AskWork, askIdOf, openAsks, type ThreadState } from '../protocol/ask-state.ts'
import { PHASES } from '../protocol/phase-types.ts'
import { phaseRef } from '../protocol/refs.ts'

/** Reads what threads have recorded. Other folders read threads by these functions alone. */

/** The state of a thread; undefined: there is none. */
export async function threadState(view: Pick<EngineView, 'peek'>, thread: string): Promise<ThreadState | undefined> {
  return (await view.peek(threadRef(thread))) as ThreadState | undefined
}

/** The state of a thread. Throws if the thread was removed. Its id is free again after a month. */
export async function presentThread(
  view: Pick<EngineView, 'peek'>,
  thread: string,
  owner?: string,
): Promise<ThreadState | undefined> {
  const state = await threadState(view, thread)
  // other owners do not learn that it existed
  if (state?.removed && (owner === undefined || ownerOf(state) === owner)) throw threadRemoved(thread)
  return state
}

export async function recordAt(readParts: ReadParts, thread: string, n: number): Promise<AskRecord | undefined> {
  return (await readSinglePart(readParts, threadRef(thread), askPartName(n))) as AskRecord | undefined
}

export async function placeOfAsk(readParts: ReadParts, thread: string, id: string) {
  return decodeAskPosition(await readSinglePart(readParts, threadRef(thread), numberPartName(id)))
}

export async function recordOf(
  readParts: ReadParts,
  thread: string,
  id: string,
): Promise<{ readonly n: number; readonly record: AskRecord } | undefined> {
  const n = (await placeOfAsk(readParts, thread, id))?.n
  const record = n === undefined ? undefined : await recordAt(readParts, thread, n)
  return record && { n: n!, record }
}

/** The text that a person wrote last among the 20 newest messages of a thread, and the files with it and after it. */
export async function lastWritten({ view }: Pick<Engine, 'view'>, thread: string) {
  const { asks = 0 } = (await threadState(view, thread)) ?? {}
  const files: FileRef[] = []
  for (let n = asks; n > Math.max(0, asks - 20); n--) {
    const { prompt = '', resultOf, files: sent = [] } = (await recordAt(view.parts, thread, n)) ?? {}
    if (resultOf) continue
    files.unshift(...sent)
    if (prompt.trim() !== '') return { text: prompt, files }
  }
  return { files }
}

/** The answers of threads to reports of other rooms. */

/** The thread with a running ask of this id; `most`: the number of threads with mail that are read. */
export async function findThreadAtWork(view: EngineView, ask: string, most: number): Promise<ActorRef | undefined> {
  const asked = await view.asked(ask)
  if (asked?.kind === KIND.thread) return asked
  for (const { key } of await view.list(KIND.thread, { where: { status: 'running' } })) {
    const state = await threadState(view, key)
    if (state && openAsks(state).some(({ id }) => askIdOf(key, id) === ask)) return threadRef(key)
  }
  // an ask that was acknowledged right before a crash is only a message and has no state yet
  const untaken = await view.inspect({ kind: KIND.thread, limit: most })
  return untaken.find(({ of, mail }) => mail.some(({ correlationId }) => askIdOf(of.key, correlationId) === ask))?.of
}

/** The actors that work on the current ask of a thread: its goal, or phases. */
export async function actorsAtWork(view: Pick<EngineView, 'peek'>, thread: string): Promise<readonly ActorRef[]> {
  const { waiting = [], goal } = (await threadState(view, thread))?.current ?? {}
  return goal ? [goalRef(goal.key)] : waiting.map((phase) => phaseRef(thread, phase))
}

/** The actors whose asks are under way on a thread, or wait there. */
export async function callersOn(
  { peek, parts }: Pick<EngineView, 'peek' | 'parts'>,
  thread: string,
  most: number,
): Promise<readonly ActorRef[]> {
  const state = await threadState({ peek }, thread)
  const { telling = [], joined = [] } = state?.current?.goal ?? {}
  const asks = state ? [...openAsks(state), ...telling, ...joined].slice(0, most) : []
  const works = await Promise.all(asks.map(({ n }) => readSinglePart(parts, threadRef(thread), workPartName(n))))
  return works.flatMap((work) => (work as AskWork | undefined)?.replyTo ?? [])
}

/** The actors that exist only for a thread. */
export const actorsBelow = (thread: string): readonly ActorRef[] => PHASES.map((phase) => phaseRef(thread, phase))
