import type { Json } from '../../kernel/json.ts'
import type { ActorIndex, Effects, Timer, Turn } from '../../kernel/types.ts'
import { decisionWait, inboxSince } from '../../work/wait.ts'
import { type AskRecord, type AskWork, type CurrentAsk, type ThreadState, traceOfAsk } from '../protocol/ask-state.ts'
import type { Treatments } from '../protocol/context-operations.ts'
import type { SourceRef } from '../protocol/phase-types.ts'

/** The index fields of a thread. Its trace is that of the current or latest ask; the ask may wait for a decision. */
export function threadIndex(
  { asks, owner, name, startedAt, aside, context = [] }: ThreadState,
  status: string,
  updatedAt: number,
  ask: Pick<Partial<CurrentAsk>, 'id' | 'trace' | 'proposal' | 'parked' | 'since'> | null,
): ActorIndex {
  return {
    status,
    asks,
    updatedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(owner !== undefined && { owner }),
    ...(name !== undefined && { name }),
    ...(aside && { aside: 1 }),
    ...traceOfAsk(ask),
    ...(ask?.proposal && { waits: decisionWait(ask.id!) }),
    ...askedFirst(context),
    ...forPeople([
      ...(ask?.proposal ? [ask.proposal.since] : []),
      ...(ask?.parked && ask.since !== undefined ? [ask.since] : []),
      ...context.flatMap(({ question }) => question?.at ?? []),
    ]),
  }
}

/** The first ask with an open question to its user about a message. */
function askedFirst(context: Treatments): ActorIndex {
  const [first] = context.flatMap(({ question }) => question ?? []).toSorted((a, b) => a.at - b.at)
  return first ? { consent: first.ask } : {}
}

/** The earliest time since which people are asked something, or for money. */
const forPeople = (times: readonly number[]): ActorIndex => (times.length === 0 ? {} : inboxSince(Math.min(...times)))

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

/** Minimum time, in ms, for a Yield called at the deadline and for an ask that resumes after a decision. */
export const MIN_TIME_LEFT_MS = 60_000

/** The deadline timer of an ask; it fires `delay` ms from now. */
export function deadlineTimer(ask: number, delay: number): { readonly deadline: Timer } {
  return { deadline: { delay, body: { type: 'deadline', ask } } }
}

/** Cancels the deadline timer. */
export const CLEAR_DEADLINE = { deadline: null }
