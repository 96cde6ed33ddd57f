import { type Problem, problemOf } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Notice, Send, Turn } from '../../kernel/types.ts'
import { workTrace } from '../../observe/traceparent.ts'
import type { RunMessage } from '../../pipeline/plan/messages/run.ts'
import { NEW_RUN, type RunState } from '../../pipeline/plan/run-state.ts'
import type { OtherRuns } from '../../pipeline/run/run-actor.ts'
import { RUN_EXISTS } from '../../pipeline/run/start-message.ts'
import { membersIn } from '../../pipeline/step/batch/parallel.ts'
import type { QuickSteps } from '../../pipeline/step/batch/quick-steps.ts'
import { isFinished, runIndex } from '../../run/run.ts'
import { readStart, type StartPart } from '../../run/start.ts'
import { decodeEnds, decodeStep, encodeStep } from '../../step/messages/codec.ts'
import { failedEnd, type StepEnd } from '../../step/messages/step-end.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { StepWait } from '../../step/record/step.ts'
import type { WorkflowServices } from '../live/services.ts'
import { type ForkedHistory, iterationOf, turnPart } from '../replay/history.ts'
import { isIdle, isStarted, type WorkflowState } from '../replay/state.ts'
import { undoneBy } from '../replay/undo-step.ts'
import { advance } from './advance.ts'
import {
  askAfterCutOff,
  cancelFunction,
  cleanUp,
  cutOffSettling,
  endsOfSettling,
  isSettling,
  settleSteps,
} from './cancel.ts'
import { newDraft, type TurnDraft, timeOf } from './draft.ts'
import { endSteps, recordEnds } from './end-steps.ts'
import { endFailed } from './fail-turn.ts'
import { endNow } from './finish.ts'
import { type WorkflowMessage, type WorkflowStart, workflowMessageSchema } from './messages.ts'
import { openFunction } from './open-function.ts'
import { readOpenWait, takeBack } from './open-waits.ts'
import { runQuick } from './quick-turn.ts'
import { recordUndone } from './undo.ts'

/** Runs of workflows: their actors are of the kind of all runs, and their steps of the kind of all steps. */
export function workflowRuns(services: WorkflowServices, quick: QuickSteps): OtherRuns {
  const of = { services, quick }
  return {
    message: workflowMessageSchema,
    isIts: (state, message) => isWorkflowRun(state) || (message?.type as string | undefined) === 'workflow',
    receive: (state, message, effects) => receive(of, state, message as unknown as AnyMessage, effects),
    async notice(state, notice, effects) {
      if (!isWorkflowRun(state) || isFinished(state)) return {}
      return handleNotice(of, state, notice, effects)
    },
  }
}

type TurnServices = Pick<TurnDraft, 'services' | 'quick'>

type AnyMessage = WorkflowMessage | RunMessage

const isWorkflowRun = (state: RunState): state is WorkflowState => 'workflow' in state

async function receive(
  services: TurnServices,
  state: RunState,
  message: AnyMessage,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (message.type === 'workflow') return beginRun(services, state, message, effects)
  if (message.type === 'start' || message.type === 'calls') return { refuse: RUN_EXISTS }
  if (!isWorkflowRun(state)) return {}
  if (message.type === 'undo-run' && isFinished(state)) return { refuse: RUN_OVER }
  if (isFinished(state)) return {}
  const draft = await draftOf(services, effects)
  return orFail(draft, state, () => handle(draft, state, message))
}

async function handle(draft: TurnDraft, state: WorkflowState, message: AnyMessage): Promise<Turn<RunState>> {
  switch (message.type) {
    case 'wake': {
      const { [message.operation]: at, ...sleeping } = state.workflow.sleeping
      if (at === undefined) return {}
      return advance(draft, { ...state, workflow: { ...state.workflow, sleeping } }, [message.operation])
    }
    case 'code':
      return (await goesOnByItself(draft, state)) ? advance(draft, state, []) : {}
    case 'quick':
      return runQuick(draft, state, message.batch)
    case 'clean-up':
      return cleanUp(draft, state)
    case 'settle-over':
      return cutOffSettling(draft, state)
    case 'grace-over':
      return graceOver(draft, state)
    case 'undo-run': {
      const problem = cancelledProblem(message.reason)
      return { ...(await cancelFunction(draft, state, problem, { undo: true })), reply: { status: 'taken' } }
    }
    case 'batch-end':
      return handleEnds(draft, state, message.ends)
    case 'step-end':
      return message.status === 'iterating' ? {} : handleEnds(draft, state, [message])
    case 'step-wait':
      return recordWait(draft, state, message)
    default:
      return {}
  }
}

/** Whether a run goes on without an outcome: it may have other code now, or a loop of it waits for its turn. */
async function goesOnByItself(draft: TurnDraft, state: WorkflowState): Promise<boolean> {
  const { stopped, undoing, failed } = state.workflow
  if (isSettling(state) || failed) return false
  if (stopped || undoing) return stopped !== undefined
  const known = draft.services.live.peek(draft.effects.self.key, state.workflow)
  const opened = known ?? (await openFunction(draft, state))
  // it says that it waits for other code
  if (!('execution' in opened)) return true
  const { execution } = opened
  const { end, due, openDropped, operations } = execution
  const isLeft = operations.some((one) => isIdle(one.type) && !isStarted(one, state) && execution.awaits(one.number))
  const goesOn = end.type === 'stopped' || due !== undefined || openDropped.length > 0 || isLeft
  // the turn takes it up, and replays nothing again
  if (goesOn) draft.services.live.put(draft.effects.self.key, opened)
  return goesOn
}

async function draftOf(services: TurnServices, effects: Effects): Promise<TurnDraft> {
  const start = await readStart(effects)
  return newDraft({ ...services, effects, start })
}

async function beginRun(
  services: TurnServices,
  state: RunState,
  message: WorkflowStart,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status !== 'new') return { refuse: RUN_EXISTS }
  const { type: _, workflow, version, owner, detached, pipeline, history, ...given } = message
  const { replyTo, trace: from } = effects.message
  const trace = workTrace(from, effects.self.key)
  const start: StartPart = {
    ...given,
    ...(replyTo && !detached && { replyTo }),
    ...(trace !== undefined && { trace }),
  }
  const startedAt = timeOf(effects.message)
  const run: WorkflowState = {
    ...NEW_RUN,
    status: 'running',
    pipeline,
    name: workflow,
    startedAt,
    ...(owner !== undefined && { owner }),
    workflow: { of: workflow, ...(version !== undefined && { version }), turns: 0, next: 0, sleeping: {} },
  }
  const draft = newDraft({ ...services, effects, start })
  draft.parts.start = start as unknown as Json
  draft.events.push({ type: 'run-start', name: workflow, steps: 0 })
  const begun = await orFail(draft, run, () =>
    history === undefined ? advance(draft, run, []) : beginFork(draft, run, history),
  )
  const index = begun.index ?? runIndex(run, start as unknown as Json)
  return { ...begun, index, ...(detached && { reply: { status: 'started' } }) }
}

/** Begins a fork behind the recorded beginning of another run. */
async function beginFork(draft: TurnDraft, state: WorkflowState, hash: string): Promise<Turn<RunState>> {
  const { turns, arrived, steps } = (await draft.services.values.get(hash)) as unknown as ForkedHistory
  for (const [turn, record] of turns.entries()) draft.parts[turnPart(turn)] = record as unknown as Json
  const ended = Object.entries(steps)
  for (const [id, step] of ended) draft.parts[stepPartName(id)] = step
  const done = ended.filter(([, step]) => decodeStep(step)?.status === 'completed').length
  const iteration = iterationOf(turns)
  const workflow = { ...state.workflow, turns: turns.length, arrived, ...(iteration !== undefined && { iteration }) }
  // its first turn reads what this one writes
  const look: Send = { to: draft.effects.self, body: { type: 'code' }, type: 'event' }
  const stopped = { reason: 'forked' as const, message: 'It begins as a fork.', hint: '', since: state.startedAt }
  return {
    state: {
      ...state,
      done,
      failed: ended.length - done,
      total: ended.length,
      workflow: { ...workflow, stopped },
    } as RunState,
    parts: draft.parts,
    events: draft.events,
    send: [look],
  }
}

/** The ends of steps: outcomes of operations, or of a step that undoes another one. */
async function handleEnds(draft: TurnDraft, state: WorkflowState, given: readonly StepEnd[]): Promise<Turn<RunState>> {
  for (const end of given) if (!state.inFlight.includes(end.step)) await takeBack(draft, state, end)
  const ended = await endSteps(draft, state, isSettling(state) ? endsOfSettling(state, given) : given)
  if (!ended) return { parts: draft.parts, send: draft.send }
  const { run, ends, numbers } = ended
  for (const [id, end] of ends) {
    const undone = undoneBy(id)
    if (undone !== undefined) return recordUndone(draft, state, undone, end)
  }
  return isSettling(run) ? settleSteps(draft, run, numbers, ends) : advance(draft, run, numbers, ends)
}

async function recordWait(draft: TurnDraft, state: WorkflowState, wait: StepWait): Promise<Turn<RunState>> {
  const { step, until, attempts, problem } = wait
  if (!state.inFlight.includes(step) && !(await readOpenWait(draft, state, step))) return {}
  return {
    parts: { [stepPartName(step)]: encodeStep({ status: 'running', retry: { until, attempts, problem } }) },
    events: [wait as unknown as Json],
  }
}

/** A step that died without an end has failed. A run whose work is cancelled cancels its function. */
async function handleNotice(
  services: TurnServices,
  state: WorkflowState,
  notice: Notice,
  effects: Effects,
): Promise<Turn<RunState>> {
  const draft = await draftOf(services, effects)
  if (notice.type === 'cancelled') return cancelFunction(draft, state, cancelledProblem(notice.reason))
  if (notice.type !== 'error') return {}
  if (notice.undelivered !== undefined)
    return orFail(draft, state, () => endPoisoned(draft, state, notice.problem, notice.undelivered as AnyMessage))
  if (notice.from?.kind !== KIND.step) return {}
  const step = notice.from.key.slice(effects.self.key.length + 1)
  const wasCutOff = isSettling(state) && notice.problem.code === 'cancelled' && state.inFlight.includes(step)
  const next = wasCutOff ? await askAfterCutOff(draft, state, step) : failedEnd(step, notice.problem)
  return 'step' in next ? handleEnds(draft, state, [next]) : next
}

/** A message ended the process on each try: what ended with it stays, and the function fails without being called. */
async function endPoisoned(
  draft: TurnDraft,
  state: WorkflowState,
  problem: Problem,
  message: AnyMessage,
): Promise<Turn<RunState>> {
  if (message.type === 'quick') {
    const steps = membersIn(message.batch).map(({ step }) => failedEnd(step, problem))
    return handleEnds(draft, state, steps)
  }
  // no schema has read it: its ends may be in their short form
  const given = decodeEnds(message.type === 'batch-end' ? message.ends : [message]) ?? []
  const ended = await endSteps(draft, state, given)
  const { run, ends } = ended ?? { run: state, ends: new Map() }
  recordEnds(draft, ends)
  return endFailed(draft, { ...run, workflow: { ...run.workflow, failed: problem } })
}

const cancelledProblem = (reason: string): Problem => ({
  code: 'cancelled',
  name: 'CancelledError',
  message: reason === '' ? 'the run was cancelled' : reason,
  terminal: true,
})

/** The function did not end within its time: the run ends without it. */
function graceOver(draft: TurnDraft, state: WorkflowState): Turn<RunState> | Promise<Turn<RunState>> {
  const { cancelled, undoing } = state.workflow
  return cancelled && !undoing ? endNow(draft, state, { status: 'cancelled', problem: cancelled.problem }) : {}
}

/** A turn that throws fails its run: otherwise the run would wait forever. */
async function orFail(
  draft: TurnDraft,
  state: WorkflowState,
  act: () => Promise<Turn<RunState>>,
): Promise<Turn<RunState>> {
  try {
    return await act()
  } catch (error) {
    if (isInterruption(error)) throw error
    const again = { ...newDraft(draft), parts: partsOfBegin(draft), events: draft.events }
    return endNow(again, state, { status: 'failed', problem: problemOf(error) })
  }
}

/** A turn that failed writes nothing of its own, besides what a run needs to be shown. */
const partsOfBegin = ({ parts }: TurnDraft) => ('start' in parts ? { start: parts.start! } : {})

const RUN_OVER: Problem = { code: 'run_over', name: 'InvalidError', message: 'the run has ended', terminal: true }
