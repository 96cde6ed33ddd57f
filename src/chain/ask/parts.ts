import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { AskRecord, Work } from '../protocol/ask-state.ts'
import type { SourceRef } from '../protocol/phase-types.ts'

type Parts = NonNullable<Turn['parts']>

/** The part an ask is kept in for good, by its number on the thread. */
export const askPart = (n: number | '') => `ask/${n}`
/** The part that tells the place of an ask by its id. */
export const numberPart = (id: string) => `number/${id}`
/** Which ask of its thread it is, and the number of the last event before its own. */
export type AskPlace = { readonly n: number; readonly after: number }
/** A place as its part holds it: of what begins with the thread, its number alone. */
export const toPlace = ({ n, after }: AskPlace): Json => (after === 0 ? n : [n, after])
/** The place that such a part holds; undefined where there is none. */
export function askPlace(part: Json | undefined): AskPlace | undefined {
  if (typeof part === 'number') return { n: part, after: 0 }
  if (!Array.isArray(part)) return undefined
  const [n, after] = part as readonly number[]
  return { n: n!, after: after! }
}
/** The part an ask is worked on with; gone when it has ended. */
export const workPart = (n: number) => `work/${n}`
/** What was said before an ask, as its prompts show it: it never changes while the rest of the work does. */
const historyPart = (n: number) => `history/${n}`
/** The files a thread was last given. */
export const SOURCES_PART = 'sources'

/** The parts of the work on an ask that begins. */
export function newWork(n: number, work: Work): Parts {
  return { ...keptWork(n, work), ...(work.history.length > 0 && { [historyPart(n)]: work.history }) }
}

/** The part of the work on an ask that went on. */
export function keptWork(n: number, { history: _, ...work }: Work): Parts {
  return { [workPart(n)]: work }
}

/** Nothing is left of the work on an ask. */
export function noWork(n: number): Parts {
  return { [workPart(n)]: null, [historyPart(n)]: null }
}

/** What an ask under way or waiting is worked on with. */
export async function readWork(effects: Effects, n: number): Promise<Work> {
  const work = await readPart<Work>(effects, workPart(n))
  // earlier versions kept all in one part
  return work.history ? work : { ...work, history: (await readPart(effects, historyPart(n))) ?? [] }
}

/** An ask as it is kept. */
export function readRecord(effects: Effects, n: number): Promise<AskRecord> {
  return readPart<AskRecord>(effects, askPart(n))
}

/** The files of the thread's last ask that had any. */
export async function readSources(effects: Effects): Promise<readonly SourceRef[]> {
  return (await readPart<readonly SourceRef[] | undefined>(effects, SOURCES_PART)) ?? []
}

// only this chain writes its parts, in the types they are read in
async function readPart<T>(effects: Effects, name: string): Promise<T> {
  return (await effects.part(name)) as T
}
