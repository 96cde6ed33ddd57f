import { stepRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Send } from '../../kernel/types.ts'
import { type OpenWait, openWaitPart } from '../../run/actor/waits.ts'
import { tellWatcher } from '../../run/actor/watch.ts'
import { messageTime } from '../../run/messages.ts'
import { runIndex, workOfRun } from '../../run/run.ts'
import { runContextOf } from '../../run/run-context.ts'
import { encodeEvent, encodeStep } from '../../step/messages/codec.ts'
import { type StepStart, sparedWork } from '../../step/messages/step-start.ts'
import type { WorkPolicy } from '../../step/policy.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { LiveRun } from '../live/live-runs.ts'
import { orderOf } from '../live/order.ts'
import type { OperationStep } from '../replay/operation.ts'
import { isIdle, isStarted, WORKFLOW, type WorkflowState } from '../replay/state.ts'
import { lookAgain, type TurnDraft, timerOf, turnOf, type WorkflowTurn } from './draft.ts'
import { withWaiting } from './open-waits.ts'

/** How many steps of a run are at work at once. */
const MAX_AT_WORK = 64

/** A turn that has started operations. Its quick steps are in flight, and have no message yet. */
export type Started = {
  readonly draft: TurnDraft
  readonly state: WorkflowState
  readonly live: LiveRun
  readonly quick: readonly BegunStep[]
}

type BegunStep = Pick<OperationStep, 'work' | 'policy'> & { readonly id: string }

/** Messages in a turn that starts operations, below the bound of the kernel: what is left begins in the next one. */
const MAX_SENDS = { idle: 170, step: 240 } as const

/** Starts what the function has begun, as far as there is room. Waits and sleeps need none. */
export async function startOperations(draft: TurnDraft, state: WorkflowState, live: LiveRun): Promise<Started> {
  const { execution } = live
  const { effects, parts, send, timers } = draft
  const now = messageTime(effects.message)
  const inFlight = [...state.inFlight]
  const sleeping = { ...state.workflow.sleeping }
  const once = [...(state.workflow.once ?? [])]
  const quick: BegunStep[] = []
  let started = 0
  let waiting = 0
  const left: { idle?: number; step?: number } = {}
  const { next, nextWait = next } = state.workflow
  for (const operation of execution.operations.slice(Math.min(next, nextWait))) {
    const { id, number, type, work } = operation
    // its outcome came before its start: the run was cancelled
    if (isStarted(operation, state) || !execution.awaits(number)) continue
    const kind = isIdle(type) ? 'idle' : 'step'
    if (left[kind] !== undefined) continue
    if (work.type === 'timer') {
      timers[timerOf(number)] = { delay: work.delay, body: { type: 'wake', operation: number } }
      sleeping[number] = now + work.delay
    }
    if (work.type !== 'step') continue
    if (send.length + quick.length >= MAX_SENDS[kind] || (kind === 'step' && inFlight.length >= MAX_AT_WORK)) {
      left[kind] = number
      continue
    }
    started++
    recordStart(draft, id)
    if (kind === 'idle') {
      waiting++
      parts[openWaitPart(id)] = { number } satisfies OpenWait
    } else inFlight.push(id)
    if (work.policy.effect === 'at-most-once') once.push(id)
    if (mayBeQuick(work, state)) quick.push({ ...work, id })
    else send.push(await startMessage(draft, state, { ...work, id }))
  }
  if (left.idle !== undefined || (left.step !== undefined && inFlight.length < MAX_AT_WORK)) lookAgain(draft)
  const { length } = execution.operations
  const places = { next: left.step ?? length, nextWait: left.idle ?? length }
  const workflow = { ...state.workflow, ...places, sleeping, ...(once.length > 0 && { once }) }
  const run: WorkflowState = { ...state, inFlight, total: state.total + started, workflow }
  return { draft, state: withWaiting(run, waiting), live, quick }
}

/**
 * Whether a run may do a step in a turn of its own. The rules are those of batches of pipelines. A cancelled run leaves
 * its turns free: they end its time for cleaning up.
 */
const mayBeQuick = ({ work, policy }: OperationStep, { workflow: { cancelled } }: WorkflowState) =>
  work.type === 'code' &&
  work.name !== undefined &&
  policy.effect !== 'at-most-once' &&
  !policy.retryReported &&
  !cancelled

export async function turnOfStarted({ draft, state }: Pick<Started, 'draft' | 'state'>): Promise<WorkflowTurn> {
  draft.send.push(...(await tellWatcher(state, draft.effects)))
  return turnOf(draft, state, { ...runIndex(state, draft.start), ...whenAsleep(state) })
}

/** A run that only sleeps says until when. */
function whenAsleep({ inFlight, workflow: { sleeping, waiting } }: WorkflowState): { readonly until?: number } {
  const times = Object.values(sleeping)
  return inFlight.length === 0 && !waiting && times.length > 0 ? { until: Math.min(...times) } : {}
}

export function recordStart({ parts, events }: TurnDraft, id: string): void {
  parts[stepPartName(id)] = encodeStep({ status: 'running' })
  events.push(encodeEvent({ type: 'step-start', step: id }))
}

/** The message that starts a step, or several as one batch. */
export async function startMessage(
  { services, effects: { self }, start }: TurnDraft,
  state: WorkflowState,
  first: BegunStep,
  others: readonly BegunStep[] = [],
): Promise<Send & { readonly body: StepStart }> {
  const [order, ...orders] = await Promise.all(
    [first, ...others].map((step) => orderOf(step, state.workflow.of, services)),
  )
  const members = others.map(({ id, policy }, at) => ({ step: id, policy: startPolicy(policy), order: orders[at]! }))
  const body: StepStart = {
    type: 'start',
    work: { type: WORKFLOW, order: order! },
    run: runContextOf(state, start, self, { priority: first.policy.priority ?? start.priority, startsWork: true }),
    step: first.id,
    policy: startPolicy(first.policy),
    batch: members.length > 0 ? { members } : {},
  }
  const correlationId = first.policy.effect === 'at-most-once' ? sparedWork(self.key) : workOfRun(self.key, state)
  return { to: stepRef(self.key, first.id), body: body as Json & StepStart, replyTo: self, correlationId }
}

const startPolicy = ({ attempts, effect, retryReported }: WorkPolicy) => ({
  attempts,
  effect,
  ...(retryReported && { retryReported }),
})
