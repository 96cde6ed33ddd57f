import type { MemoryStore } from '../store/open-store.ts'
import type { MemoryCall } from '../store/threads/work.ts'

/** The calls of duties: those of a memory, for an owner. `now`: ms since the epoch. */
export interface OwnerCalls {
  /** Undefined for an owner without records. */
  read(owner: string, name: MemoryCall['name'], input: unknown): Promise<unknown>
  write(owner: string, name: MemoryCall['name'], input: unknown): Promise<unknown>
  now(): number
}

/** The calls of a store. */
export function ownerCalls(store: MemoryStore, now: () => number): OwnerCalls {
  const call = (owner: string, name: MemoryCall['name'], input: unknown) =>
    ({ name, owner, input, now: now() }) as MemoryCall
  return {
    read: (owner, name, input) => store.look(call(owner, name, input)),
    write: (owner, name, input) => store.write(call(owner, name, input)),
    now,
  }
}
