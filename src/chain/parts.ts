import type { Effects } from '../kernel/types.ts'
import type { AskRecord, Work } from './ask.ts'
import type { SourceRef } from './types.ts'

/** The part an ask is kept in for good, by its number on the thread. */
export const askPart = (n: number | '') => `ask/${n}`
/** The part that tells the number of an ask by its id. */
export const numberPart = (id: string) => `number/${id}`
/** The part an ask is worked on with; gone when it has ended. */
export const workPart = (n: number) => `work/${n}`
/** The files a thread was last given. */
export const SOURCES_PART = 'sources'

/** What an ask under way or waiting is worked on with. */
export function readWork(effects: Effects, n: number): Promise<Work> {
  return readPart<Work>(effects, workPart(n))
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
