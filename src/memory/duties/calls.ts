import type { MemoryStore } from '../store/open-store.ts'
import type { InputOf, JobName, MemoryCall, ResultOf } from '../store/threads/work.ts'

/** The calls of duties: the calls of a memory for an owner. `now`: ms since the epoch. */
export interface OwnerCalls {
  /** Undefined for an owner without records. */
  read<Name extends JobName>(owner: string, name: Name, input: InputOf<Name>): Promise<ResultOf<Name> | undefined>
  write<Name extends JobName>(owner: string, name: Name, input: InputOf<Name>): Promise<ResultOf<Name>>
  now(): number
}

export function ownerCalls(store: MemoryStore, now: () => number): OwnerCalls {
  const call = (owner: string, name: JobName, input: unknown) => ({ name, owner, input, now: now() }) as MemoryCall
  return {
    read: (owner, name, input) => store.look(call(owner, name, input)) as Promise<never>,
    write: (owner, name, input) => store.write(call(owner, name, input)) as Promise<never>,
    now,
  }
}
