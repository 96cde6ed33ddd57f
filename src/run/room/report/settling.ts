import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineView } from '../../../engine/engine.ts'
import { InvalidError, type NotFoundError } from '../../../errors.ts'
import { runRef, stepRef } from '../../../house/actors.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import type { StepState } from '../../../step/attempt/step-state.ts'
import { callSignal } from '../../../step/messages/call-decision.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import { UNKNOWN_OUTCOME } from '../../../step/suspend/unknown-outcome.ts'
import { takenPart } from '../../actor/signals.ts'
import { waitsIn, waitsPartName } from '../../actor/waits.ts'
import type { RunDocument } from '../../document.ts'
import { noStep } from '../errors.ts'
import type { RunReading, Settling } from '../executor.ts'

/** How a person settles the calls of steps. `read`: reads a run. */
export function settlingOf(view: EngineView, read: RunReading['read']): Settling {
  /** Whether the step has asked what became of its call. After a crash, it finds out only now that it does not know. */
  async function hasAsked(run: string, step: string): Promise<boolean> {
    const part = (name: string) => readSinglePart((actor, page) => view.parts(actor, page), runRef(run), name)
    const name = callSignal(step)
    for (let left = ASKED_WITHIN_MS; left > 0; left -= LOOK_MS) {
      if ((await readStepPart(view.parts, run, step))?.status !== 'running') break
      if (await waitsForSettlement(view, run, step)) {
        if ((await part(waitsPartName(name))) !== undefined) return true
      } else if (await isAtRest(run, step)) break
      await sleep(LOOK_MS)
    }
    // another answer was first
    return (await part(takenPart(name))) !== undefined
  }

  /** Whether the step waits for something else than its own work. */
  async function isAtRest(run: string, step: string): Promise<boolean> {
    const { awaiting, suspended } = ((await view.peek(stepRef(run, step))) ?? {}) as StepState
    return (
      awaiting !== undefined || (suspended?.budgetWait ?? suspended?.codeWait ?? suspended?.providerWait) !== undefined
    )
  }

  return {
    signalOf: callSignal,
    hasAsked,
    notInDoubt: async (run, step) => notInDoubt(view, await read(run), step),
  }
}

/** How long a step may take to find out, and how often to look. */
const ASKED_WITHIN_MS = 5000
const LOOK_MS = 50

/** Whether the step waits for a person who knows the outcome of its call. */
async function waitsForSettlement(view: EngineView, run: string, step: string): Promise<boolean> {
  const { awaiting } = ((await view.peek(stepRef(run, step))) ?? {}) as StepState
  return awaiting?.asking === UNKNOWN_OUTCOME
}

/**
 * The error for a step that waits for nobody to settle it: it says
 * how far the step is, and which calls of the run wait.
 */
async function notInDoubt(
  view: EngineView,
  document: RunDocument,
  step: string,
): Promise<InvalidError | NotFoundError> {
  const { execution_id: run, steps } = document
  const waiting = await settleableSteps(view, run)
  const found = Object.hasOwn(steps, step) ? steps[step] : undefined
  if (!found) return noStep(run, step, [...new Set([...waiting, ...Object.keys(steps)])])
  const { status, waits_for: on } = found
  const known =
    waiting.length === 0 ? '' : `Steps whose outcome is unknown: ${waiting.slice(0, MAX_NAMED).join(', ')}. `
  return new InvalidError(
    `${step} of ${run} has no unknown outcome: it ${on === undefined ? `is ${status}` : `waits for ${on}`}.`,
    { code: 'not_waiting', hint: `${known}To see what waits: antiphon inbox` },
  )
}

const MAX_NAMED = 10
const MAX_READ = 100

/** The steps of a run that wait for a settlement. */
async function settleableSteps(view: EngineView, run: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { step } of waitsIn(view.parts, run, MAX_READ))
    if (await waitsForSettlement(view, run, step)) found.push(step)
  return found
}
