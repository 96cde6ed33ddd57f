import type { EngineView } from '../../engine/engine.ts'
import { InvalidError, type NotFoundError } from '../../errors.ts'
import { justBeforePrefix } from '../../kernel/parts.ts'
import { runRef, stepRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import { readRun } from '../../pipeline/report/read-run.ts'
import { noStep } from '../../pipeline/report/read-step.ts'
import { decodeWait, WAIT_PREFIX } from '../../pipeline/run/waits.ts'
import { UNKNOWN_OUTCOME } from '../../pipeline/step/settle/unknown-outcome.ts'
import type { StepState } from '../../pipeline/step/step-state.ts'

type Reading = { readonly view: EngineView; readonly values: ValueStore }

/** Whether the step waits for a person who knows the outcome of its call. */
export async function waitsForSettlement(view: EngineView, run: string, step: string): Promise<boolean> {
  const { awaiting } = ((await view.peek(stepRef(run, step))) ?? {}) as StepState
  return awaiting?.asking === UNKNOWN_OUTCOME
}

/**
 * The error for a step that waits for nobody to settle it: it says
 * how far the step is, and which calls of the run wait.
 */
export async function notInDoubt(
  { view, values }: Reading,
  run: string,
  step: string,
): Promise<InvalidError | NotFoundError> {
  const { steps } = await readRun(view, values, run)
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

/** The error for a call of a goal that makes none at present. */
export function noCallInDoubt(goal: string, call: string): InvalidError {
  return new InvalidError(`${call} of ${goal} has no unknown outcome: the goal is not making a call.`, {
    code: 'not_waiting',
    hint: 'To see what waits: antiphon inbox',
  })
}

const MAX_NAMED = 10
const MAX_READ = 100

/** The steps of a run that wait for a settlement. */
async function settleableSteps(view: EngineView, run: string): Promise<readonly string[]> {
  const found: string[] = []
  const page = { prefix: WAIT_PREFIX, after: justBeforePrefix(WAIT_PREFIX), limit: MAX_READ }
  for await (const [, part] of view.parts(runRef(run), page)) {
    const { step } = decodeWait(part)
    if (await waitsForSettlement(view, run, step)) found.push(step)
  }
  return found
}
