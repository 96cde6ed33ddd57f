/**
 * Lists of calls as a language of runs: goals, asks, MCP clients and programs make calls that no author wrote. Each
 * call is a step. All of them begin at once, and a person may approve each at its step. `plan.ts` says what a call is,
 * `work.ts` makes one, and `outcomes.ts` tells how they ended.
 */

import type { Json } from '../kernel/json.ts'
import type { Effects, Send, Turn } from '../kernel/types.ts'
import { failRunOnError } from '../run/actor/end-early.ts'
import { recordLateUndo, recordUndone, takeDeath, undoEndedRun } from '../run/actor/undo.ts'
import { tellWatcher } from '../run/actor/watch.ts'
import type { RunEvent } from '../run/event.ts'
import type { Language } from '../run/language.ts'
import { messageTime } from '../run/messages.ts'
import { isFinished, NEW_HEAD, runIndex } from '../run/run.ts'
import { newStart } from '../run/start.ts'
import { encodeEvent, encodeStep } from '../step/messages/codec.ts'
import type { BatchEnd, DeferredStep, StepEnd, StepReport } from '../step/messages/step-end.ts'
import { UNDO_STEP } from '../step/messages/step-start.ts'
import { stepPartName } from '../step/record/outcome.ts'
import type { StepWait } from '../step/record/step.ts'
import { storeRef, type ValueStore } from '../step/values.ts'
import type { Toolbox } from '../tool/toolbox.ts'
import type { WriteArea } from '../tool/writes/area.ts'
import { type CallsState, cancelCalls, endCalls, endRun, readPlanned, undoWork } from './end-calls.ts'
import { type CallsStart, callsStartSchema } from './messages.ts'
import { inputsOf, type PlannedStart, planCalls } from './plan.ts'
import { batchesOf, startMessage } from './start-calls.ts'

export const CALLS = 'calls'

type Services = {
  readonly values: ValueStore
  readonly toolbox: Toolbox
  /** where calls that a model chose may write without a person; absent: wherever they may write at all */
  readonly area?: WriteArea
}

type CallsTurn = Turn<CallsState>

export function callsLanguage(services: Services): Language<CallsState, CallsStart, never> {
  return {
    name: CALLS,
    first: { calls: callsStartSchema },
    message: {},
    begin: (first, effects) => beginRun(services, first, effects),
    // if this throws, the run gets an error notice from the step instead
    ended: takeReport,
    waits: (state, wait, effects) => failRunOnError(state, effects, () => recordWait(state, wait, effects)),
    died: (state, death, effects) =>
      failRunOnError(state, effects, () =>
        takeDeath(state, death, effects, (ends, of) => takeFailures(state, ends, of, effects)),
      ),
    receive: () => ({}),
    cancel: (state, how, effects) => failRunOnError(state, effects, () => cancelCalls(state, how, effects)),
    async undo(state, message, effects) {
      if (message.type === 'undo') return undoEndedRun(state, undoWork((await readPlanned(effects)).plan), effects)
      if (isFinished(state)) return recordLateUndo(message, effects)
      const undone = await recordUndone(message, effects)
      return message.last ? endRun({ ...state, inFlight: [] }, undone, effects) : undone
    },
  }
}

/** Begins a run of calls. Its first turn keeps the plan, so a repeated message changes nothing. */
async function beginRun(
  { values, toolbox, area }: Services,
  message: CallsStart,
  effects: Effects,
): Promise<CallsTurn> {
  const plan = planCalls(message, toolbox, area)
  const { owner, detached, ...origin } = message.origin ?? {}
  const { content } = message
  const inputs = await storeRef(values, inputsOf(message.calls))
  const known = { ...origin, ...(content !== undefined && { content }), inputs }
  const start: PlannedStart = { ...newStart(known, effects, detached === true), plan }
  const ids = plan.calls.map(({ id }) => id)
  const state: CallsState = {
    ...NEW_HEAD,
    status: 'running',
    name: plan.name,
    startedAt: messageTime(effects.message),
    ...(owner !== undefined && { owner }),
    total: ids.length,
    inFlight: ids,
  }
  const parts: { [name: string]: Json } = { start: start as Json }
  for (const id of ids) parts[stepPartName(id)] = encodeStep({ status: 'running' })
  const batches = batchesOf(plan)
  for (const [first, ...others] of batches)
    if (others.length > 0)
      parts[stepPartName(first.id)] = encodeStep({ status: 'running', members: others.map(({ id }) => id) })
  const exclusive = ids.length === 1 && { exclusive: true as const }
  const begun: RunEvent = { type: 'run-start', name: plan.name, steps: ids.length }
  return {
    state,
    parts,
    events: [begun, ...ids.map((step) => encodeEvent({ type: 'step-start', step }))],
    send: batches.map((batch) => startMessage(state, start, effects.self, batch, { ...exclusive })),
    index: runIndex(state, start),
    ...(detached && { reply: { status: 'started' } }),
  }
}

function takeReport(state: CallsState, report: StepReport | BatchEnd, effects: Effects): Promise<CallsTurn> {
  if (report.type === 'step-end') return endCalls(state, report.status === 'iterating' ? [] : [report], effects)
  return report.mode === 'sequence' ? endCalls(state, report.ends, effects) : endBatch(state, report, effects)
}

/** Calls that did not end in their batch begin in turns of their own, under the same idempotency keys. */
async function endBatch(
  state: CallsState,
  { of, ends, deferred }: Extract<BatchEnd, { readonly mode: 'parallel' }>,
  effects: Effects,
): Promise<CallsTurn> {
  const members = state.inFlight.includes(of) && { [stepPartName(of)]: encodeStep({ status: 'running' }) }
  const left = deferred.filter(({ step }) => state.inFlight.includes(step))
  const send = left.length > 0 ? await restart(state, left, effects) : []
  const turn = await endCalls(state, ends, effects)
  return { ...turn, parts: { ...members, ...turn.parts }, send: [...(turn.send ?? []), ...send] }
}

async function restart(
  state: CallsState,
  deferred: readonly DeferredStep[],
  effects: Effects,
): Promise<readonly Send[]> {
  const start = await readPlanned(effects)
  return deferred.map(({ step, key, priorOutcome }) => {
    const call = start.plan.calls.find(({ id }) => id === step)!
    return startMessage(state, start, effects.self, [call], {
      deferred: { key, ...(priorOutcome && { priorOutcome }) },
    })
  })
}

async function recordWait(state: CallsState, wait: StepWait, effects: Effects): Promise<CallsTurn> {
  const { step, until, attempts, problem } = wait
  if (!state.inFlight.includes(step)) return {}
  return {
    parts: { [stepPartName(step)]: encodeStep({ status: 'running', retry: { until, attempts, problem } }) },
    events: [wait as Json],
    send: await tellWatcher(state, effects),
  }
}

/** The run is over when the step that undoes its calls has died. */
const takeFailures = (state: CallsState, ends: readonly StepEnd[], of: string, effects: Effects) =>
  of === UNDO_STEP ? endRun({ ...state, inFlight: [] }, {}, effects) : endCalls(state, ends, effects)
