import type { Engine, EngineView } from '../../engine/engine.ts'
import { threadRef } from '../../house/actors.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { ownerOf } from '../../lib/owner.ts'
import { threadRemoved } from '../actor/lifecycle.ts'
import { askPartName, decodeAskPosition, numberPartName } from '../actor/parts.ts'
import type { AskRecord, ThreadState } from '../protocol/ask-state.ts'

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
