import { errorOf, TerminalError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { findRunStart } from '../../run/run.ts'
import { type BegunAttempt, makeAttempt } from '../../step/attempt/make-attempt.ts'
import { type AttemptOutcome, type PendingCallback, toOutcome } from '../../step/attempt/outcome.ts'
import { limitsCalls } from '../../step/attempt/turns.ts'
import type { DescribedCall, StepAttempt, StepFacts, Work } from '../../step/attempt/work.ts'
import type { CallbackHandler } from '../../step/call/callback.ts'
import type { QueuedCall, StepContext, StepResult, StepServices } from '../../step/call/context.ts'
import { PROGRAM_CODE } from '../../step/call/context.ts'
import { refuseSecrets } from '../../step/call/permissions.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import type { StepStart } from '../../step/messages/step-start.ts'
import { gateOfPlainCall, makePlainCall, plainContext } from '../../step/plain/plain-call.ts'
import { hasEnded, type StepParameters, type StepValue } from '../../step/record/outcome.ts'
import { readRef } from '../../step/values.ts'
import { codeMissing } from '../../work/code-wait.ts'
import { resultOfChild } from '../operations/call.ts'
import { replyOf } from '../operations/say.ts'
import { performCall } from '../operations/step.ts'
import { type AskedMemo, checkedBy, takeAnswer } from '../operations/wait.ts'
import type { CodeWork, OperationStep } from '../replay/operation.ts'
import { peekWorkflow } from '../replay/state.ts'
import { undoneBy } from '../replay/undo-step.ts'
import { openExecution } from './open-execution.ts'
import type { WorkflowOrder } from './order.ts'
import type { WorkflowServices } from './services.ts'

type Start = StepStart<WorkflowOrder>
type Begun = BegunAttempt<StepAttempt<WorkflowOrder>>
type OrderedCall = Exclude<WorkflowOrder['work'], CodeWork>

/** The work of steps of workflows: calls, and what the function of the run does. */
export function workflowWork(services: WorkflowServices, steps: StepServices): Work<WorkflowOrder> {
  return {
    answers: { [PROGRAM_CODE]: answersOfCode(services) },
    open: () => ({
      factsOf: ({ work: { order } }) => factsOf(order.work, steps),
      attempt: (attempt) =>
        makeAttempt(
          attempt,
          (begun) => act(services, begun),
          () => termsOf(attempt.start),
        ),
      gate: gateOf,
      describeCall: async (attempt) => describe(attempt),
      lookUp: async ({ start: { run, step, work } }) =>
        work.order.work.type === 'code' ? (await operationOf(services, run.id, step)).lookUp : undefined,
    }),
  }
}

const termsOf = ({ policy, work }: Start) => ({ ...policy, backoff: work.order.terms.backoff })

export const kindOf = ({ name, action }: CodeWork) => `:code:${name ?? action}`

function factsOf(work: WorkflowOrder['work'], { toolbox, pool }: StepServices): StepFacts {
  const plain = { isRecovered: false, isPaid: false, isLimited: () => false }
  if (work.type === 'code') return { ...plain, kind: kindOf(work) }
  if (work.asks) return { ...plain, kind: ':ask' }
  const tool = toolbox.find(work.tool)
  // the names of a call may lie in its parameters, which are not read here
  const isLimited = () => limitsCalls(pool, work.tool, {})
  return { ...plain, kind: work.tool, tool, isPaid: tool?.paid === true, isLimited }
}

async function act(services: WorkflowServices, begun: Begun): Promise<AttemptOutcome> {
  const { work } = begun.start.work.order
  const context = await contextOf({ ...begun, call: callUnlessCancelled(services, begun) })
  const own = () => parametersOf(work as OrderedCall, begun.services)
  const result =
    work.type === 'code' ? await performOperation(services, context) : await makePlainCall(work, own, context)
  return toOutcome(result, context, begun.account())
}

/** A call that must not be repeated does not begin once its run was cancelled. */
function callUnlessCancelled(services: WorkflowServices, { start: { run, step, policy }, call }: Begun): QueuedCall {
  const { begin } = call
  if (!begin || policy.effect !== 'at-most-once') return call
  const check = async () => {
    const workflow = (await peekWorkflow(services, run.id))?.workflow
    if (workflow?.cancelled && workflow.once?.includes(step)) throw errorOf(workflow.cancelled.problem)
  }
  return { ...call, begin: (act) => check().then(() => begin(act)) }
}

function contextOf(attempt: StepAttempt<WorkflowOrder>): Promise<StepContext> {
  const { of, work, terms } = attempt.start.work.order
  const policy = { ...attempt.start.policy, ...terms }
  if (work.type === 'code')
    return plainContext(attempt, { definition: of, kind: kindOf(work), acts: true, policy, call: undefined })
  return plainContext(attempt, { definition: of, kind: work.tool, acts: !work.asks, policy, call: work })
}

/** The question to a person before a call. */
async function gateOf(attempt: StepAttempt<WorkflowOrder>): Promise<PendingCallback | undefined> {
  const { work } = attempt.start.work.order
  if (work.type === 'code') return undefined
  const own = () => parametersOf(work, attempt.services)
  return gateOfPlainCall(attempt, work, own, () => contextOf(attempt))
}

function describe({ services, start }: StepAttempt<WorkflowOrder>): DescribedCall {
  const { work } = start.work.order
  const tool = work.type === 'code' ? undefined : work.tool
  const parameters = async () => (work.type === 'code' ? undefined : work.parameters)
  return {
    name: tool ?? `the work of ${start.step}`,
    tool: tool && (services.toolbox.find(tool)?.name ?? tool),
    parameters,
  }
}

/** The values of a call. They are data, so none of them is a secret. */
async function parametersOf({ parameters: ref, asks }: OrderedCall, { values }: StepServices): Promise<StepParameters> {
  const parameters = await readRef(values, ref)
  if (!isJsonObject(parameters))
    throw new TerminalError('parameters: expected a map of parameters.', { code: 'invalid_input' })
  if (!asks) refuseSecrets(parameters)
  return parameters
}

function answersOfCode(services: WorkflowServices): CallbackHandler {
  return {
    ask: () => {
      throw new TypeError('code asks by itself')
    },
    async take(question, received) {
      if ('problem' in received) throw errorOf(received.problem)
      const { run, step, as, isChecked } = question.memo as AskedMemo
      const { value } = received
      if (as === 'message') return { type: 'result', result: value }
      if (as === 'reply') return { type: 'result', result: replyOf(value) }
      if (as === 'run') return { type: 'result', result: await resultOfChild(value, services.values) }
      return takeAnswer(as, value, question, async (given) => {
        if (!isChecked) return given
        const { schema } = await operationOf(services, run, step, { isWhole: true })
        return schema ? checkedBy(schema, given, step) : given
      })
    },
  }
}

/** Does what the function of a run says at a step, or undoes what it did. */
async function performOperation(services: WorkflowServices, context: StepContext): Promise<StepResult> {
  const { run, step } = context.start
  const undone = undoneBy(step)
  const operation = await operationOf(services, run.id, undone ?? step)
  return undone === undefined ? operation.perform!(context) : undo(services, context, operation, undone)
}

/** The operation of a step, of the live or a replayed function. `isWhole`: the code must fit the whole history. */
async function operationOf(
  services: WorkflowServices,
  run: string,
  step: string,
  { isWhole = false } = {},
): Promise<OperationStep> {
  const find = (operations: readonly { readonly id: string; readonly work: { readonly type: string } }[]) =>
    operations.find(({ id, work }) => id === step && work.type === 'step')?.work as OperationStep | undefined
  const known = services.live.peek(run)
  const found = known && find(known.execution.operations)
  if (found) return found
  const { workflow, startedAt } = (await peekWorkflow(services, run))!
  const code = services.workflows.find(workflow.of, workflow.version)
  if (!code) throw codeMissing(`This process does not have the code of the workflow ${workflow.of}.`)
  const start = (await findRunStart(run, services.readParts))!
  const opened = await openExecution(services, code, { id: run, startedAt, start, turns: workflow.turns })
  const { end, operations } = opened.execution
  const operation = find(operations)
  if (operation && !services.live.peek(run) && end.type === 'waits')
    services.live.put(run, { ...opened, seen: workflow })
  if (operation && !(isWhole && end.type === 'stopped')) return operation
  if (end.type === 'stopped') throw codeMissing(end.stop.message)
  throw codeMissing(`The workflow ${workflow.of} has no step ${step} any more.`)
}

async function undo(
  { readParts, values }: WorkflowServices,
  context: StepContext,
  operation: OperationStep,
  step: string,
): Promise<StepResult> {
  const part = await readStepPart(readParts, context.start.run.id, step)
  if (!part || !hasEnded(part) || part.status !== 'completed')
    throw new TerminalError(`The run has no completed step ${step}.`)
  const { result } = (await readRef(values, part.result)) as Json & StepValue
  return performCall(context, undefined, async (call) => {
    // what it returns is nobody's, such as the response of a request
    await operation.undo!(structuredClone(result), call)
  })
}
