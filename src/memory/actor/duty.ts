import { problemOf } from '../../errors.ts'
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
