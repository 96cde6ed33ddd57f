import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../../engine/engine.ts'
import type { LateRemark } from '../../pipeline/plan/messages/run.ts'
import { runRef } from '../../pipeline/plan/refs.ts'

/** The step may still be about to end: the number of attempts, and the pause between them. */
const TRIES = 20
const PAUSE_MS = 100

/** Adds a warning to a step whose call has ended. It has been printed as well, so it may be lost when the process ends. */
export async function tellLate(engine: Engine, run: string, step: string, warning: string): Promise<void> {
  const remark: LateRemark = { type: 'late-remark', step, warning }
  try {
    for (let left = TRIES; left > 0; left--) {
      if (await engine.ask(runRef(run), remark, { correlationId: run })) return
      await sleep(PAUSE_MS, undefined, { ref: false })
    }
  } catch {
    // the run was cancelled or is gone, or the process ends
  }
}
