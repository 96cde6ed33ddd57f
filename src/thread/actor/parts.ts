import type { Json } from '../../kernel/json.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { AskRecord, AskWork } from '../protocol/ask-state.ts'
import type { SourceRef } from '../protocol/phase-types.ts'

type Parts = NonNullable<Turn['parts']>

/** The part that holds the record of an ask, by its number on the thread. */
export const askPartName = (n: number | '') => `ask/${n}`
/** The part that maps the id of an ask to its position. */
export const numberPartName = (id: string) => `number/${id}`
/** The number of an ask on its thread, the number of the last event before it, and a digest of its options. */
type AskPosition = { readonly n: number; readonly after: number; readonly options?: string | undefined }
/** A position as its part stores it. The first ask has no earlier event and needs only its number. */
export function encodeAskPosition({ n, after, options }: AskPosition): Json {
  if (options !== undefined) return [n, after, options]
  return after === 0 ? n : [n, after]
}
/** The position that a part holds; undefined when there is none. */
export function decodeAskPosition(part: Json | undefined): AskPosition | undefined {
  if (typeof part === 'number') return { n: part, after: 0 }
  if (!Array.isArray(part)) return undefined
  const [n, after, options] = part as unknown as readonly [number, number, string?]
  return { n, after, ...(options !== undefined && { options }) }
}
/** The part with the working state of an ask; deleted when the ask ends. */
export const workPartName = (n: number) => `work/${n}`
/** The part with the history that prompts of an ask show. It changes only when a user has decided about messages. */
const historyPartName = (n: number) => `history/${n}`
/** The files of the thread's latest ask that had any. */
export const SOURCES_PART = 'sources'

export function newWorkParts(n: number, work: AskWork): Parts {
  return { ...updatedWorkParts(n, work), ...(work.history.length > 0 && updatedHistoryPart(n, work.history)) }
}

/** The part for changed history of an ask; deleted when nothing is left. */
export function updatedHistoryPart(n: number, history: AskWork['history']): Parts {
  return { [historyPartName(n)]: history.length > 0 ? history : null }
}

export const updatedWorkParts = (n: number, { history: _, ...work }: AskWork): Parts => ({ [workPartName(n)]: work })

export const clearedWorkParts = (n: number): Parts => ({ [workPartName(n)]: null, [historyPartName(n)]: null })

export async function readWork(effects: Effects, n: number): Promise<AskWork> {
  const work = await readPart<Omit<AskWork, 'history'>>(effects, workPartName(n))
  return { ...work, history: (await readPart(effects, historyPartName(n))) ?? [] }
}

export function readRecord(effects: Effects, n: number): Promise<AskRecord> {
  return readPart<AskRecord>(effects, askPartName(n))
}

/** The files of the thread's latest ask that had any. */
export async function readSources(effects: Effects): Promise<readonly SourceRef[]> {
  return (await readPart<readonly SourceRef[] | undefined>(effects, SOURCES_PART)) ?? []
}

// only this chain writes its parts, in the types they are read in
const readPart = async <T>(effects: Effects, name: string): Promise<T> => (await effects.part(name)) as T
