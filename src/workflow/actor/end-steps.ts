import { stepRef } from '../../house/actors.ts'
import { openWaitPart } from '../../run/actor/waits.ts'
import { messageTime } from '../../run/messages.ts'
import { encodeEvent, encodeStep } from '../../step/messages/codec.ts'
import { endEvent } from '../../step/messages/end-event.ts'
import type { StepEnd } from '../../step/messages/step-end.ts'
import { type EndedStep, stepPartName } from '../../step/record/outcome.ts'
import type { LiveRun } from '../live/live-runs.ts'
import type { WorkflowServices } from '../live/services.ts'
import { readTurns } from '../replay/history.ts'
import type { WorkflowOperation } from '../replay/operation.ts'
import { type WorkflowState, withInFlight, workOfStep } from '../replay/state.ts'
import { type Ends, type TurnDraft, timerOf } from './draft.ts'
import { dropWaits, readOpenWait, withWaiting } from './open-waits.ts'

/** Steps of a run that have ended: the run without them in flight, their ends, and the numbers of their operations. */
type EndedSteps = { readonly run: WorkflowState; readonly ends: Ends; readonly numbers: readonly number[] }

/** Takes the ends of steps in flight. Undefined: none of them is. `live`: the function, if the turn has called it. */
export async function endSteps(
  draft: TurnDraft,
  state: WorkflowState,
  given: readonly StepEnd[],
  live?: LiveRun,
): Promise<EndedSteps | undefined> {
  const waits = new Map<string, number>()
  for (const { step } of given) {
    const wait = await readOpenWait(draft, state, step)
    if (wait) waits.set(step, wait.number)
  }
  const here = given.filter(({ step }) => state.inFlight.includes(step) || waits.has(step))
  if (here.length === 0) return undefined
  for (const step of waits.keys()) draft.parts[openWaitPart(step)] = null
  const ids = here.map(({ step }) => step).filter((step) => !waits.has(step))
  const base = state.done + state.failed
  const ends = new Map<string, EndedStep>(
    here.map((end, index) => {
      const { type: _, step, standby: __, ...outcome } = end
      return [step, { ...outcome, order: base + index, at: messageTime(draft.effects.message) } as EndedStep]
    }),
  )
  const inFlight = state.inFlight.filter((id) => !ids.includes(id))
  const run: WorkflowState = {
    ...withWaiting(withInFlight(state, inFlight), -waits.size),
    done: state.done + here.filter(({ status }) => status === 'completed').length,
    failed: state.failed + here.filter(({ status }) => status === 'failed').length,
    ...(here.some(({ degraded }) => degraded) && { degraded: true as const }),
  }
  const others = ids.length > 0 ? await numbersOf(draft, state, ids, live) : []
  return { run, ends, numbers: [...waits.values(), ...others] }
}

/** The numbers of operations by their ids: the history has them. */
async function numbersOf(
  { services, effects: { self } }: TurnDraft,
  { workflow }: WorkflowState,
  ids: readonly string[],
  live = services.live.peek(self.key, workflow),
) {
  const known = live?.execution.operations.map(({ id }) => id)
  const all = known ?? (await idsInHistory(services, self.key, workflow.turns))
  return ids.map((id) => all.indexOf(id)).filter((number) => number >= 0)
}

async function idsInHistory({ readParts }: WorkflowServices, run: string, turns: number): Promise<readonly string[]> {
  return (await readTurns(readParts, run, turns)).flatMap(({ operations }) => operations.map(([, id]) => id))
}

export function recordEnds({ parts, events }: TurnDraft, ends: Ends): void {
  for (const [id, end] of ends) {
    const { tries: _, ...part } = end
    parts[stepPartName(id)] = encodeStep(part as EndedStep)
    events.push(encodeEvent(endEvent({ type: 'step-end', step: id, ...end })))
  }
}

/** Ends open operations that the function does not await: their steps are cancelled, and their timers stop. */
export async function dropOperations(
  draft: TurnDraft,
  state: WorkflowState,
  dropped: readonly WorkflowOperation[],
  reason: string,
): Promise<WorkflowState> {
  if (dropped.length === 0) return state
  const { effects, cancel, timers } = draft
  const { key } = effects.self
  const at = messageTime(effects.message)
  const ends = new Map<string, EndedStep>()
  const sleeping: { [number: string]: number } = { ...state.workflow.sleeping }
  const waits: string[] = []
  for (const { number, type, id } of dropped) {
    if (type === 'sleep') {
      timers[timerOf(number)] = null
      delete sleeping[number]
      continue
    }
    const order = state.done + state.failed
    ends.set(id, { status: 'skipped', reason, attempts: 0, ms: 0, order, at })
    if (await readOpenWait(draft, state, id)) waits.push(id)
    else if (state.inFlight.includes(id))
      cancel.push({ of: stepRef(key, id), correlationId: workOfStep(key, id, state) })
  }
  recordEnds(draft, ends)
  const inFlight = state.inFlight.filter((id) => !ends.has(id))
  const run = await dropWaits(draft, state, waits)
  return withInFlight({ ...run, workflow: { ...run.workflow, sleeping } }, inFlight)
}
