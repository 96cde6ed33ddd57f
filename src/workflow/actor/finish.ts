import { stepRef } from '../../house/actors.ts'
import { endRun, type RunEnding } from '../../run/actor/end-run.ts'
import { endWaits } from '../../run/actor/signals.ts'
import type { ValueRef } from '../../step/values.ts'
import { type WorkflowState, withInFlight, workOfStep } from '../replay/state.ts'
import { type TurnDraft, timerOf, turnOf, type WorkflowTurn } from './draft.ts'
import { dropWaits, openWaitsOf } from './open-waits.ts'

/**
 * Drops the steps in flight, the timers and the waits of a run. It may keep its early signals, and the steps that must
 * not be repeated: these go on, and a person may still settle them.
 */
export async function dropOpen(
  draft: TurnDraft,
  state: WorkflowState,
  { keepsSignals = false, keepsOnce = false } = {},
): Promise<WorkflowState> {
  const { effects, parts, cancel, timers } = draft
  const { self } = effects
  const spared = keepsOnce ? (state.workflow.once ?? []) : []
  for (const id of state.inFlight)
    if (!spared.includes(id)) cancel.push({ of: stepRef(self.key, id), correlationId: workOfStep(self.key, id, state) })
  for (const number of Object.keys(state.workflow.sleeping)) timers[timerOf(Number(number))] = null
  const off = await dropWaits(draft, state, await openWaitsOf(draft, state), { keepsSignals })
  const waits = await endWaits(off, effects, {
    keepsSignals,
    most: MAX_WAITS,
    settles: (step) => spared.includes(step),
  })
  Object.assign(parts, waits.parts)
  const run = waits.state
  return withInFlight({ ...run, workflow: { ...run.workflow, sleeping: {} } }, spared)
}

/** Above all waits of a run: those of steps at work are among them. */
const MAX_WAITS = 2000

/** Ends a run now: what its function still waited for is dropped, and nothing is undone. */
export async function endNow(draft: TurnDraft, state: WorkflowState, ending: RunEnding): Promise<WorkflowTurn> {
  draft.services.live.drop(draft.effects.self.key)
  return finish(draft, await dropOpen(draft, state), ending)
}

/** The outputs of a run without a result. */
export const NO_RESULT: ValueRef = { inline: { result: null } }

export async function finish(
  draft: TurnDraft,
  state: WorkflowState,
  ending: RunEnding,
  result = NO_RESULT,
): Promise<WorkflowTurn> {
  const { effects, start, parts, events, send, timers } = draft
  const isCompleted = ending.status === 'completed'
  const ended = endRun(state, ending, start, effects, isCompleted ? result : undefined)
  Object.assign(parts, ended.parts)
  events.push(...ended.events)
  send.push(...ended.send)
  timers.grace = null
  timers.settle = null
  return turnOf(draft, ended.state, ended.index)
}
