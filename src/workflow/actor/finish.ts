import type { Problem } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Cancellation, Send } from '../../kernel/types.ts'
import { encodeStep } from '../../pipeline/plan/codec.ts'
import { OUTPUTS_NODE } from '../../pipeline/plan/compiled.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import { endWaits } from '../../pipeline/run/signals.ts'
import { runIndex } from '../../run/run.ts'
import { storeRef } from '../../run/values.ts'
import type { RunEnding, WorkflowState } from '../replay/state.ts'
import { type TurnDraft, timeOf, type WorkflowTurn } from './draft.ts'
import { timerOf, workOf } from './start-operations.ts'

/** Drops the steps in flight, the timers and the waits of a run that ends. */
export async function dropOpen({ effects, parts }: TurnDraft, state: WorkflowState) {
  const { self } = effects
  const cancel: Cancellation[] = state.inFlight.map((id) => ({
    of: stepRef(self.key, id),
    correlationId: workOf(state, self.key),
  }))
  const timers: { [name: string]: null } = {}
  for (const number of Object.keys(state.workflow.sleeping)) timers[timerOf(Number(number))] = null
  const waits = await endWaits(state, effects)
  Object.assign(parts, waits.parts)
  const run = waits.state as WorkflowState
  return { state: { ...run, workflow: { ...run.workflow, sleeping: {} } }, cancel, timers, send: waits.send }
}

type Dropped = Pick<Awaited<ReturnType<typeof dropOpen>>, 'cancel' | 'timers' | 'send'>
const NOTHING: Dropped = { cancel: [], timers: {}, send: [] }

/** Ends a run now: what its function still waited for is dropped, and nothing is undone. */
export async function endNow(draft: TurnDraft, state: WorkflowState, ending: RunEnding): Promise<WorkflowTurn> {
  draft.services.live.drop(draft.effects.self.key)
  const off = await dropOpen(draft, state)
  return finish(draft, off.state, ending, null, off)
}

/** The run is over. */
export async function finish(
  { services, effects, start, parts, events }: TurnDraft,
  state: WorkflowState,
  ending: RunEnding,
  value: Json = null,
  { cancel, timers, send }: Dropped = NOTHING,
): Promise<WorkflowTurn> {
  const { self } = effects
  const finishedAt = timeOf(effects.message)
  const { done, failed, total } = state
  const { status } = ending
  const problem: Problem | undefined = status === 'completed' ? undefined : ending.problem
  const run: WorkflowState = {
    ...state,
    status,
    finishedAt,
    inFlight: [],
    skipped: total - done - failed,
    ...(problem && { problem }),
  }
  const outputs = status === 'completed' ? await storeRef(services.values, { result: value }) : undefined
  if (outputs)
    parts[stepPartName(OUTPUTS_NODE)] = encodeStep({
      status: 'completed',
      attempts: 1,
      ms: 0,
      result: outputs,
      order: done + failed,
      at: finishedAt,
    })
  const event = {
    type: 'run-end',
    status,
    success: status === 'completed',
    done,
    failed,
    skipped: run.skipped,
    ...(problem && { problem }),
    ...(outputs && { outputs }),
  } as unknown as Json
  const { replyTo } = start
  const answer: Send[] = replyTo ? [{ to: replyTo, body: event, type: 'response', correlationId: self.key }] : []
  return {
    state: run,
    parts,
    events: [...events, event],
    cancel,
    timers: { ...timers, grace: null },
    send: [...send, ...answer],
    index: runIndex(run, start as unknown as Json),
  }
}
