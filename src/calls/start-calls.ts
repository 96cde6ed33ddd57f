import { stepRef } from '../house/actors.ts'
import type { ActorRef, Send } from '../kernel/types.ts'
import type { RunHead } from '../run/run.ts'
import { runContextOf } from '../run/run-context.ts'
import type { BatchMember, StepPolicy, StepStart } from '../step/messages/step-start.ts'
import type { ValueRef } from '../step/values.ts'
import { type CallsPlan, type ListedCall, type PlannedStart, policyOf } from './plan.ts'

export const CALL_WORK = 'call'

/** The work of a step: a call, whose parameters are among the inputs of its run. `of`: the name of the run. */
export type CallOrder = { readonly of: string; readonly inputs: ValueRef; readonly call: ListedCall }

export type UndoOrder = { readonly calls: readonly ListedCall[] }

/** The number of calls that start with one message. */
const MAX_BATCH = 32

/** The calls that share a message: the first one, and those that its step lists as members. */
export function batchesOf({ calls, undoable }: CallsPlan): readonly (readonly [ListedCall, ...ListedCall[]])[] {
  const plain = undoable ? [] : calls.filter(isPlain)
  const alone = calls.filter((call) => !plain.includes(call)).map((call) => [call] as const)
  const batches = Array.from({ length: Math.ceil(plain.length / MAX_BATCH) }, (_, n) =>
    plain.slice(n * MAX_BATCH, (n + 1) * MAX_BATCH),
  )
  return [...alone, ...(batches as [ListedCall, ...ListedCall[]][])]
}

/** Whether a call may be made in the turn of another one. A call that waits for a person has a turn of its own. */
const isPlain = ({ asks, need, retry, effect }: ListedCall) =>
  !asks && !need && retry === undefined && effect !== 'at-most-once'

/** The message that starts calls as one batch. */
export function startMessage(
  run: RunHead,
  start: PlannedStart,
  self: ActorRef,
  [first, ...others]: readonly [ListedCall, ...ListedCall[]],
  batch: StepStart['batch'] = {},
): Send {
  const { inputs, plan, priority } = start
  const members = others.map((call): BatchMember => ({ step: call.id, policy: startPolicy(call), order: { call } }))
  const body: StepStart<CallOrder> = {
    type: 'start',
    work: { type: CALL_WORK, order: { of: plan.name, inputs, call: first } },
    run: runContextOf(run, start, self, {
      priority,
      ...(plan.undoable && { undoable: true }),
      startsWork: first.asks === true,
    }),
    step: first.id,
    policy: startPolicy(first),
    batch: { ...batch, ...(members.length > 0 && { members }) },
  }
  return { to: stepRef(self.key, first.id), body, replyTo: self }
}

function startPolicy(call: ListedCall): StepPolicy {
  const { attempts, effect, retryReported } = policyOf(call)
  return { attempts, effect, ...(retryReported && { retryReported }) }
}
