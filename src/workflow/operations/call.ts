import { type Agent, isAgent } from '../../agent/definition/agent-value.ts'
import type { OrderMessage } from '../../agent/room/conversation/open-port.ts'
import { errorOf, InvalidError, TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { shown } from '../../lib/shown.ts'
import { childRunId } from '../../run/ids.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { WorkPolicy } from '../../step/policy.ts'
import { readRef, type ValueRef, type ValueStore } from '../../step/values.ts'
import { effectClassOf, type Tool } from '../../tool/tool.ts'
import type { MessageTarget, PipelineTarget, WorkflowCallOptions } from '../definition/context.ts'
import { msOf } from '../definition/duration.ts'
import { isWorkflow, type Workflow } from '../definition/workflow-value.ts'
import type { OperationCall, OperationStep } from '../replay/operation.ts'
import { messageOf } from './say.ts'
import { toJson } from './stored-value.ts'
import { request } from './wait.ts'

/** The targets of `ctx.call`. */
export type CallTarget = Workflow | Tool | Agent | PipelineTarget | MessageTarget | ActorRef

/** A call, as its operation names it; `read`: the answer in what the step returns. */
type WorkflowCall = { readonly name: string; readonly work: OperationStep; read?(result: Json): Json }

/** The parts of a runtime that make requests of calls. */
type Ordering = { readonly order: OrderChild; readonly say: OrderMessage }

/** Makes the first message of a run of a workflow below another run. */
export type OrderChild = (workflow: Workflow, input: Json, context: StepContext) => Promise<Json>

const PURE: WorkPolicy = { effect: 'pure', attempts: 3 }

/** The operation of a call, by what is called. InvalidError for anything else. */
export function planCall(
  target: CallTarget,
  input: unknown,
  options: WorkflowCallOptions,
  { order, say }: Ordering,
): WorkflowCall {
  // a program without types may give anything
  if (typeof target !== 'object' || target === null) throw notCallable(target)
  const limited = (policy: WorkPolicy): WorkPolicy =>
    options.timeout === undefined ? policy : { ...policy, timeout: msOf(options.timeout, 'call: timeout') }
  const given = (value: unknown) => toJson(value ?? {})
  if (isWorkflow(target)) return { name: target.name, work: childWork(target, given(input), limited(PURE), order) }
  if (isTool(target)) {
    const parameters = given(input)
    const effect = effectClassOf(target, parameters)
    const work = callOf(target.name, parameters)
    const policy = limited({ effect, attempts: effect === 'at-most-once' ? 1 : 3 })
    return { name: nameFrom(target.name), work: { type: 'step', work, policy } }
  }
  if (isPipeline(target)) {
    const work = {
      ...callOf('pipeline-executor', { pipeline: target.pipeline, inputs: given(input) }),
      asks: true as const,
    }
    const read = (result: Json) => (isJsonObject(result) ? (result.outputs ?? {}) : {})
    const base = target.pipeline
      .split(/[\\/]/)
      .at(-1)!
      .replace(/\.ya?ml$/, '')
    return {
      name: nameFrom(base),
      work: { type: 'step', work, policy: limited(PURE) },
      read,
    }
  }
  if (isMessage(target)) {
    const { agent } = target
    const name = nameFrom(typeof agent === 'string' ? agent : agent.name)
    return { name, work: messageOf(target, input, limited(PURE), say) }
  }
  if (isActor(target))
    return { name: nameFrom(`${target.kind}`), work: messageWork(target, toJson(input ?? null), limited(PURE)) }
  if (isAgent(target)) {
    const work = { ...callOf(`agent:${target.name}`, { goal: String(input) }), asks: true as const }
    return { name: nameFrom(target.name), work: { type: 'step', work, policy: limited(PURE) } }
  }
  throw notCallable(target)
}

const notCallable = (target: unknown) =>
  new InvalidError(
    `ctx.call: expected a workflow, a tool, an agent, { conversation, agent }, { pipeline: FILE } or { kind, key }, got ${shown(target)}.`,
  )

const callOf = (tool: string, parameters: Json): OperationCall => ({ type: 'call', tool, parameters })

const nameFrom = (text: string) => text.replace(/[^\w-]+/g, '-')

const isTool = (target: CallTarget): target is Tool => 'execute' in target && typeof target.execute === 'function'
const isPipeline = (target: CallTarget): target is PipelineTarget =>
  'pipeline' in target && typeof target.pipeline === 'string'
const isMessage = (target: CallTarget): target is MessageTarget => 'conversation' in target && 'agent' in target
const isActor = (target: CallTarget): target is ActorRef => 'kind' in target && 'key' in target

/** A run of another workflow below this one. */
function childWork(workflow: Workflow, input: Json, policy: WorkPolicy, order: OrderChild): OperationStep {
  return {
    type: 'step',
    work: { type: 'code', action: 'call' },
    policy,
    async perform(context) {
      const child = childRunId(context.start.run.id, context.start.step)
      const body = await order(workflow, input, context)
      return request(context, 'run', { to: runRef(child), body, work: child })
    },
  }
}

/** The result of a run below; its failure is thrown. */
export async function resultOfChild(value: Json, values: ValueStore): Promise<Json> {
  const end = value as ChildEnd
  if (end.status !== 'completed')
    throw end.problem ? errorOf(end.problem) : new TerminalError(`The run below was ${end.status}.`)
  return end.outputs ? resultIn(await readRef(values, end.outputs)) : null
}

type ChildEnd = {
  readonly status: string
  readonly problem?: Parameters<typeof errorOf>[0]
  readonly outputs?: ValueRef
}

const resultIn = (outputs: Json): Json => (isJsonObject(outputs) ? (outputs.result ?? null) : null)

function messageWork(to: ActorRef, body: Json, policy: WorkPolicy): OperationStep {
  return {
    type: 'step',
    work: { type: 'code', action: 'call' },
    policy,
    perform: (context) => request(context, 'message', { to, body }),
  }
}
