import { problemOf } from '../../errors.ts'
import type { MemoryStore } from '../store/open-store.ts'
import type { InputOf, JobName, MemoryCall, ResultOf } from '../store/threads/work.ts'
import type { DutyInfo, DutyOutcome, DutyResult } from './schedule.ts'

/** Work that a memory does by itself. `run` does one bounded portion, and says when it wants to run next. */
export type Duty = DutyInfo & {
  run(owner: string, signal: AbortSignal): Promise<DutyResult>
}

/** Runs a duty. Throws only when the signal has ended the run. */
export async function runDuty(duty: Duty, owner: string, signal: AbortSignal): Promise<DutyOutcome> {
  try {
    return await duty.run(owner, signal)
  } catch (error) {
    if (signal.aborted) throw error
    const { code } = problemOf(error)
    // the process ends, and the next one goes on
    return code === 'stopped' ? { next: 0 } : { code }
  }
}

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
