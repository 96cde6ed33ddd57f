import type { Effects } from '../kernel/types.ts'
import { ownDecision } from '../step/approval/may-ask.ts'
import { ruledParameters } from '../step/approval/ruled-call.ts'
import { approvalQuestion } from '../step/attempt/gate-question.ts'
import { type BegunAttempt, makeAttempt } from '../step/attempt/make-attempt.ts'
import { type AttemptOutcome, type PendingCallback, toOutcome } from '../step/attempt/outcome.ts'
import { limitsCalls } from '../step/attempt/turns.ts'
import type { DescribedCall, OpenWork, StepAttempt, StepFacts, UntriedStep, Work } from '../step/attempt/work.ts'
import { checkCallCondition } from '../step/call/call-condition.ts'
import type { StepContext, StepServices } from '../step/call/context.ts'
import { refuseSecrets } from '../step/call/permissions.ts'
import { OWN_CALL } from '../step/messages/call-decision.ts'
import { gateOf } from '../step/messages/call-names.ts'
import { readStepPart } from '../step/messages/step-parts.ts'
import { type UndoStart, withOrder } from '../step/messages/step-start.ts'
import { presentCode } from '../step/plain/changed-code.ts'
import {
  calledTool,
  gateOfPlainCall,
  makePlainCall,
  NOTHING_WRITTEN,
  plainContext,
  unlessFaulty,
} from '../step/plain/plain-call.ts'
import { hasEnded, type StepOutcome, type StepParameters } from '../step/record/outcome.ts'
import { reusableEnd } from '../step/record/reused.ts'
import { stateBefore } from '../step/undo/undo-step.ts'
import { undoSteps } from '../step/undo/undo-steps.ts'
import { readRef, storeRef, type ValueRef } from '../step/values.ts'
import { findCalledTool } from '../tool/toolbox.ts'
import { type CallInputs, type ListedCall, policyOf } from './plan.ts'
import type { CallOrder, UndoOrder } from './start-calls.ts'

type Attempt = StepAttempt<CallOrder>
type Begun = BegunAttempt<Attempt>

/** The work of steps of lists of calls: each makes one. */
export function callWork(services: StepServices): Work<CallOrder> {
  const work: OpenWork<CallOrder> = {
    factsOf: ({ work: { order } }) => factsOf(order.call, services),
    async attempt(attempt) {
      const reused = await findReused(attempt)
      return reused ?? makeAttempt(attempt, act, () => policyOf(callIn(attempt)))
    },
    gate: async (attempt) => ((await findReused(attempt)) ? undefined : gate(attempt)),
    prepare,
    describeCall: async (attempt) => describe(attempt),
    withPresentCode: (step, effect, effects) => withPresentCode(services, step, effect, effects),
  }
  return {
    open: () => work,
    undo: (start, effects) => undo(services, start as unknown as UndoStart<UndoOrder>, effects),
  }
}

const callIn = ({ start }: Pick<Attempt, 'start'>): ListedCall => start.work.order.call

function factsOf({ tool: name, asks, need }: ListedCall, { toolbox, pool }: StepServices): StepFacts {
  const tool = findCalledTool(toolbox, name)
  const isPaid = !asks && tool?.paid === true
  const isLimited = () => !asks && limitsCalls(pool, tool?.name ?? name, {})
  return { kind: asks ? ':ask' : name, tool, isGated: need !== undefined, isPaid, isRecovered: false, isLimited }
}

async function act(begun: Begun): Promise<AttemptOutcome> {
  const context = await contextOf(begun)
  const call = callIn(begun)
  // each attempt looks: a call that a crash cut off is not repeated in an environment that has changed
  if (call.when) await checkCallCondition(call.when, context)
  return toOutcome(await makePlainCall(call, () => parametersOf(begun), context), context, begun.account())
}

function contextOf(attempt: Attempt): Promise<StepContext> {
  const { of, call } = attempt.start.work.order
  const { tool, need, asks } = call
  const policy = { ...policyOf(call), ...attempt.start.policy }
  return plainContext(attempt, { definition: of, kind: asks ? ':ask' : tool, acts: !asks, policy, call, need })
}

/** The parameters of a call. They are data, and data gets no secrets. */
async function parametersOf({ services, start }: Pick<Attempt, 'services' | 'start'>): Promise<StepParameters> {
  const { inputs, call } = start.work.order
  const parameters = ((await readRef(services.values, inputs)) as CallInputs)[call.id]!
  refuseSecrets(parameters)
  return parameters
}

/** The question to a person before a call, by the policy of its run or by its tool. */
function gate(attempt: Attempt): Promise<PendingCallback | undefined> {
  const call = callIn(attempt)
  const { need } = call
  const context = () => contextOf(attempt)
  if (!need) return gateOfPlainCall(attempt, call, () => parametersOf(attempt), context)
  return unlessFaulty(attempt, async () => {
    const found = findCalledTool(attempt.services.toolbox, call.tool)
    const given = { written: NOTHING_WRITTEN, parameters: await parametersOf(attempt) }
    const { parameters } = found ? await ruledParameters(found, given, await context(), true) : given
    const tool = found ?? { name: call.tool }
    return approvalQuestion({ tool, need, parameters, call: OWN_CALL, signal: gateOf(call.id) }, await context())
  })
}

/** The outcome that the run has from an earlier one, whose calls it does not make again. */
async function findReused({ services, start }: Attempt): Promise<StepOutcome | undefined> {
  const { recorded } = start.run
  if (!recorded) return undefined
  const { run, invalidated } = (await readRef(services.values, recorded)) as ReusedCalls
  const earlier = invalidated.includes(start.step) ? undefined : await readStepPart(services.readParts, run, start.step)
  return hasEnded(earlier) ? reusableEnd(earlier) : undefined
}

/** A run whose calls another one does not make again, except those that are invalidated. */
export type ReusedCalls = { readonly run: string; readonly invalidated: readonly string[] }

async function prepare(attempt: Attempt): Promise<ValueRef | null> {
  const call = callIn(attempt)
  const tool = call.asks ? undefined : calledTool(call, attempt.services)
  if (!tool?.prepare) return null
  const { decisions } = attempt.start
  const decision = decisions?.[OWN_CALL]
  const parameters = decision?.approved
    ? ((await readRef(attempt.services.values, decision.parameters)) as StepParameters)
    : await parametersOf(attempt)
  return stateBefore(tool, { written: NOTHING_WRITTEN, parameters }, attempt)
}

function describe(attempt: Attempt): DescribedCall {
  const { services, start } = attempt
  const call = callIn(attempt)
  const tool = calledTool(call, services)?.name ?? call.tool
  const decision = ownDecision(start)
  const parameters = async () =>
    decision?.approved ? decision.parameters : storeRef(services.values, await parametersOf(attempt))
  return { name: tool, tool, parameters }
}

/** A call that waits for a person looks for its code after the answer. */
async function withPresentCode(
  services: StepServices,
  { start, paused }: UntriedStep<CallOrder>,
  effect: string,
  effects: Effects,
) {
  const { call } = start.work.order
  const isAsked = ownDecision(start) !== undefined
  if (call.need && !isAsked) return {}
  const parameters = () => parametersOf({ services, start })
  const planned = { services, start, call, isAsked, parameters, ...(paused && { paused }) }
  const found = await presentCode(planned, effect, effects)
  if (!found || 'problem' in found) return found ?? {}
  const { code: _, ...others } = call
  const present = { ...others, ...(found.code !== undefined && { code: found.code }) }
  return { start: { ...withOrder(start, { call: present }), policy: found.policy } }
}

/** Undoes calls that may have changed something. */
function undo(services: StepServices, start: UndoStart<UndoOrder>, effects: Effects) {
  const find = (step: string) => {
    const call = start.work.order.calls.find(({ id }) => id === step)
    if (!call || call.asks || call.effect === 'pure') return undefined
    return { tool: findCalledTool(services.toolbox, call.tool), written: NOTHING_WRITTEN }
  }
  return undoSteps(services, start, () => find, effects)
}
