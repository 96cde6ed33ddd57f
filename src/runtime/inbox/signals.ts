import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { is } from '../../errors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { callSignal } from '../../pipeline/plan/messages/call-decision.ts'
import { contentOf, type SignalReceipt } from '../../pipeline/plan/messages/signal-receipt.ts'
import { runRef, stepRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import { isFinished, type RunState } from '../../pipeline/plan/run-state.ts'
import { readStepPart } from '../../pipeline/report/step-parts.ts'
import { takenPart } from '../../pipeline/run/signals.ts'
import { waitsPartName } from '../../pipeline/run/waits.ts'
import type { StepState } from '../../pipeline/step/step-state.ts'
import { noRun, runOver } from '../inspect/run-errors.ts'
import type { RunsPort } from '../ports/runs.ts'
import { notInDoubt, waitsForSettlement } from './not-in-doubt.ts'

type Parts = {
  readonly engine: Engine
  readonly values: ValueStore
  /** Whether a run with that id has begun. */
  isThere(run: string): Promise<boolean>
  /** Resumes what an earlier process left of a run. */
  goOn(run: string): Promise<void>
}

/** Sends signals to runs. */
export function runtimeSignals({ engine, values, isThere, goOn }: Parts): Pick<RunsPort, 'signal' | 'settle'> {
  const { view } = engine

  const signal: RunsPort['signal'] = async (run, name, value, { id, answers } = {}) => {
    await engine.start({ only: run })
    // the engine would remember a refusal under `id`, and the same signal must succeed once the run has begun
    if (!(await isThere(run))) throw await noRun(run, view)
    // work of the run: after a crash, the run goes on with an answer that it has taken
    const options = { correlationId: run, ...(id !== undefined && { id }) }
    const body = { type: 'signal', name, value, ...(answers === false && { answers }) }
    const receipt = await orOver(run, () => engine.ask(runRef(run), body, options))
    const { status, of } = receipt as SignalReceipt
    // the engine gives an id that it knows the reply to its first use
    if (of !== undefined && of !== contentOf({ name, value }))
      throw idTakenError(`the id ${id} belongs to another answer`)
    await goOn(run)
    return { status }
  }

  /** Whether the step has asked what became of its call. After a crash, it finds out only now that it does not know. */
  async function hasAsked(run: string, step: string): Promise<boolean> {
    const read = (name: string) => readSinglePart((actor, page) => view.parts(actor, page), runRef(run), name)
    const name = callSignal(step)
    for (let left = ASKED_WITHIN_MS; left > 0; left -= LOOK_MS) {
      if ((await readStepPart(view.parts, run, step))?.status !== 'running') break
      if (await waitsForSettlement(view, run, step)) {
        if ((await read(waitsPartName(name))) !== undefined) return true
      } else if (await isAtRest(run, step)) break
      await sleep(LOOK_MS)
    }
    // another answer was first
    return (await read(takenPart(name))) !== undefined
  }

  /** Whether the step waits for something else than its own work. */
  async function isAtRest(run: string, step: string): Promise<boolean> {
    const { awaiting, suspended } = ((await view.peek(stepRef(run, step))) ?? {}) as StepState
    return (
      awaiting !== undefined || (suspended?.budgetWait ?? suspended?.codeWait ?? suspended?.providerWait) !== undefined
    )
  }

  return {
    signal,
    async settle(run, step, settlement, options) {
      await engine.start({ only: run })
      if (!(await isThere(run))) throw await noRun(run, view)
      const isRepeated = options?.id !== undefined && (await view.asked(options.id)) !== undefined
      const state = (await view.peek(runRef(run))) as RunState | undefined
      const isOver = state !== undefined && isFinished(state)
      // the engine would remember a refusal under the id
      if (!isRepeated && !isOver && !(await hasAsked(run, step))) throw await notInDoubt({ view, values }, run, step)
      try {
        // a signal about a call is never kept for later
        return (await signal(run, callSignal(step), settlement, options)) as { readonly status: 'taken' | 'late' }
      } catch (error) {
        throw is(error) && error.code === 'not_waiting' ? await notInDoubt({ view, values }, run, step) : error
      }
    },
  }
}

/** How long a step may take to find out, and how often to look. */
const ASKED_WITHIN_MS = 5000
const LOOK_MS = 50

/** A cancelled run takes no message any more: for who answers it, that is a run that has ended. */
async function orOver<T>(run: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!is(error) || error.code !== 'cancelled') throw error
    throw runOver(run, 'cancelled')
  }
}
