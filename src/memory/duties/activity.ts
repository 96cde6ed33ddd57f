import type { Duty } from '../actor/duty.ts'
import type { MirrorState } from '../memory.ts'
import type { MemoryStore } from '../store/open-store.ts'

/** Counts of what memories do since the process began, for metrics. They have no name and no text. */
export type MemoryActivity = {
  /** calls of callers, by operation */
  readonly calls: { [operation: string]: number }
  /** work of duties, such as `tiers: { moved: 5 }` */
  readonly work: { [duty: string]: { [what: string]: number } }
  /** runs of duties that failed, by duty */
  readonly failed: { [duty: string]: number }
  /** the copies on Redis; absent: none are configured */
  redis?: MirrorState
}

const OPERATIONS: ReadonlySet<string> = new Set(['add', 'search', 'list', 'get', 'pin', 'forget', 'undo'])

export const raise = (counts: { [name: string]: number }, name: string, by = 1) => {
  counts[name] = (counts[name] ?? 0) + by
}

/** A store that counts the calls of callers. */
export function countCalls(store: MemoryStore, { calls }: MemoryActivity): MemoryStore {
  const counted =
    (call: MemoryStore['read']): MemoryStore['read'] =>
    (given) => {
      if (OPERATIONS.has(given.name)) raise(calls, given.name)
      return call(given)
    }
  return { ...store, read: counted(store.read), write: counted(store.write) }
}

/** A duty that counts its work and its failures. */
export function countDuty(duty: Duty, { work, failed }: MemoryActivity): Duty {
  return {
    ...duty,
    async run(owner, signal) {
      try {
        const result = await duty.run(owner, signal)
        const counts = (work[duty.name] ??= {})
        for (const [what, count] of Object.entries(result.did ?? {})) raise(counts, what, count)
        return result
      } catch (error) {
        if (!signal.aborted) raise(failed, duty.name)
        throw error
      }
    },
  }
}
