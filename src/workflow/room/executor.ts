import { hash } from 'node:crypto'
import type { EngineView } from '../../engine/engine.ts'
import { stepRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import type { RunDocument, StepDetail, StepDocument } from '../../run/document.ts'
import { noRun } from '../../run/room/errors.ts'
import { type Executor, type FirstRunMessage, originOfRequest, type PreparedRun } from '../../run/room/executor.ts'
import type { ForkRequest, RunRequest } from '../../run/room/port.ts'
import type { RunSteps } from '../../run/room/report/run-steps.ts'
import type { RunSource, WorkflowSourceOperation } from '../../run/room/source.ts'
import { findRunStart, type StartPart } from '../../run/run.ts'
import type { StepState } from '../../step/attempt/step-state.ts'
import { readStepValue } from '../../step/call/step-value.ts'
import type { InboxPrompt } from '../../step/messages/inbox-prompt.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import { readRef, type ValueStore } from '../../step/values.ts'
import { storeContext } from '../../work/origin/call-for.ts'
import { callHere } from '../../work/origin/call-here.ts'
import type { WorkflowStart } from '../actor/messages.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { WorkflowServices } from '../live/services.ts'
import { promptOf } from '../operations/shown-prompt.ts'
import { readTurns } from '../replay/history.ts'
import type { OperationType } from '../replay/operation.ts'
import { peekWorkflow, WORKFLOW, type WorkflowState } from '../replay/state.ts'
import { workflowNamed } from './accept-input.ts'
import { firstMessage } from './first-message.ts'
import { fittingHistory, historyOfFork } from './fork.ts'

type Parts = {
  readonly view: EngineView
  readonly readParts: ReadParts
  readonly values: ValueStore
  readonly workflows: WorkflowList
  /** the names of the rules around all work of this process */
  readonly rules: readonly string[]
  /** cuts the secrets from what lists search */
  shown?<Value>(value: Value): Value
}

/** The executor of workflows: a run is a function, and its steps are what it has begun. */
export function workflowExecutor(
  view: EngineView,
  { values, workflows }: Pick<WorkflowServices, 'values' | 'workflows'>,
  rules: readonly string[],
  secrets?: { shown<Value>(value: Value): Value },
): Executor {
  const readParts: ReadParts = (of, page) => view.parts(of, page)
  const parts: Parts = { view, readParts, values, workflows, rules, ...(secrets && { shown: secrets.shown }) }
  return {
    accepts: (request) => request.workflow !== undefined,
    prepare: (request) => prepare(parts, request),
    prepareFork: (run, request) => prepareFork(parts, run, request),
    steps: (run) => findSteps(parts, run),
    inputs: (run) => readInputs(parts, run),
    source: (run) => readWorkflowSource(parts, run),
    detailOf: (step, run) => readDetail(parts, step, run),
  }
}

/** The fields in the cell of a run that follow from its first message. */
export function workflowState(start: FirstRunMessage): Partial<WorkflowState> {
  const { workflow: of, version } = start as WorkflowStart
  const workflow = { of, ...present({ version }), turns: 0, next: 0, sleeping: {} }
  return { language: WORKFLOW, workflow }
}

async function prepare({ values, workflows, rules }: Parts, request: RunRequest): Promise<PreparedRun> {
  const { workflow: name = '', input } = request
  const workflow = workflowNamed(workflows, name)
  const startedIn = callHere()
  const origin = {
    ...(startedIn && { startedIn }),
    ...(await storeContext(values, request.context, rules)),
    ...originOfRequest(request),
  }
  const message = await firstMessage(values, workflow, input ?? {}, origin)
  return { name: workflow.name, firstMessage: async () => message as FirstRunMessage }
}

async function prepareFork(parts: Parts, run: string, request: ForkRequest): Promise<PreparedRun> {
  const { view, values, readParts, workflows } = parts
  const state = (await peekWorkflow(view, run))!
  const { owner = LOCAL_OWNER } = request
  if (ownerOf(state) !== owner) throw await noRun(run, view, owner)
  const { of, version } = state.workflow
  // if its version is gone, the newest one goes on from what fits
  const workflow = workflows.find(of, version) ?? workflowNamed(workflows, of)
  const start = (await findRunStart(run, readParts)) as StartPart & Partial<WorkflowStart>
  const { above: _, replyTo: __, goal: ___, thread: ____, trace: _____, startedIn: ______, inputs, ...own } = start
  // a run that has not begun has its whole message; as a fork it has a history, too
  const { version: _______, history: forked, ...origin } = own
  const before = (await readRef(values, inputs)) as { readonly [name: string]: Json }
  const input = request.set ? { ...before, ...request.set } : before
  const seed = start.seed ?? run
  const recorded = { id: run, startedAt: state.startedAt, seed, input: before as Json }
  const isWhole = request.set !== undefined || (forked !== undefined && request.at === undefined)
  const history = isWhole
    ? undefined
    : await fittingHistory(workflow, await historyOfFork(parts, run, state, request.at), recorded, values)
  const message = await firstMessage(values, workflow, input, {
    ...origin,
    ...originOfRequest(request),
  })
  const hash = history ? await values.put(history as Json) : request.set ? undefined : forked
  const begun = { ...message, ...(hash !== undefined && { history: hash, seed }) }
  return { name: workflow.name, firstMessage: async () => begun as FirstRunMessage }
}

/** Operations that no step carries out. */
const NO_STEPS: readonly OperationType[] = ['patch', 'sleep', 'loop']

/** The steps of a run of a workflow: the operations that it has begun. */
async function findSteps({ view, readParts }: Pick<Parts, 'view' | 'readParts'>, id: string): Promise<RunSteps> {
  const { workflow } = (await peekWorkflow(view, id))!
  const { of, version = 1, turns, stopped } = workflow
  const operations = (await readTurns(readParts, id, turns)).flatMap((turn) => turn.operations)
  const begun = operations.filter(([type]) => !NO_STEPS.includes(type))
  return {
    definition: of,
    hash: hash('sha256', JSON.stringify([of, version])),
    steps: begun.map(([action, name]) => ({ id: name, action, tool: null, dependencies: [] })),
    levels: begun.length > 0 ? [begun.map(([, name]) => name)] : [],
    isStopped: stopped !== undefined,
  }
}

/** The operations of a run, sleeps included: where each is written, and the outcomes since those before it. */
async function readWorkflowSource(parts: Parts, id: string): Promise<RunSource> {
  const { view, readParts } = parts
  const { workflow } = (await peekWorkflow(view, id))!
  const operations: (Omit<WorkflowSourceOperation, 'ended'> & { ended?: number })[] = []
  let after: readonly string[] = []
  for (const { now, outcomes, operations: begun } of await readTurns(readParts, id, workflow.turns)) {
    const numbers = outcomes.map((outcome) => (typeof outcome === 'number' ? outcome : outcome[0]))
    const ended = numbers.flatMap((number) => operations[number] ?? [])
    for (const operation of ended) operation.ended = now
    after = [...after, ...ended.map((operation) => operation.id)]
    for (const [type, name, at] of begun) {
      const until = workflow.sleeping[operations.length]
      const place = { ...(at !== undefined && { at }), ...(until !== undefined && { until }) }
      operations.push({ id: name, type, after, began: now, ...place })
    }
    if (begun.length > 0) after = []
  }
  return { language: 'workflow', workflow: workflow.of, operations, inputs: await readInputs(parts, id) }
}

async function readInputs({ readParts, values, shown }: Parts, id: string): Promise<Json> {
  const { inputs: ref } = (await findRunStart(id, readParts))!
  const inputs = (await readRef(values, ref)) as Json
  return shown ? shown(inputs) : inputs
}

async function readDetail(
  { view, readParts, values, shown }: Parts,
  { id, action, status }: StepDocument,
  { execution_id: run }: RunDocument,
): Promise<Partial<StepDetail>> {
  const { awaiting } = status === 'waiting' ? (((await view.peek(stepRef(run, id))) ?? {}) as StepState) : {}
  if (awaiting) {
    const { content } = awaiting.question.body as Partial<InboxPrompt>
    const ref = content ?? (awaiting.tool === undefined ? undefined : awaiting.parameters)
    const asked = ref && ((await readRef(values, ref)) as Json)
    return present({ parameters: asked && shown ? shown(asked) : asked })
  }
  const part = await readStepPart(readParts, run, id)
  const { parameters } = (part && (await readStepValue(part, values))) ?? {}
  const messages = parameters && action === 'generate' ? promptOf(parameters) : undefined
  return present({ parameters, messages })
}
