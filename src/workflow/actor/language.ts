import { type Problem, problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import type { Death, Language } from '../../run/language.ts'
import { messageTime, NOTHING_UNDONE } from '../../run/messages.ts'
import { isFinished, NEW_HEAD, readStart, runIndex } from '../../run/run.ts'
import { newStart } from '../../run/start.ts'
import { membersIn } from '../../step/batch/parallel.ts'
import type { QuickSteps } from '../../step/batch/quick-steps.ts'
import { decodeEnds, decodeStep, encodeStep } from '../../step/messages/codec.ts'
import { type BatchEnd, endsOf, failedEnd, type StepEnd, type StepReport } from '../../step/messages/step-end.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { StepWait } from '../../step/record/step.ts'
import type { WorkflowServices } from '../live/services.ts'
import { type ForkedHistory, iterationOf, turnPart } from '../replay/history.ts'
import { isIdle, isStarted, WORKFLOW, type WorkflowState } from '../replay/state.ts'
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
import { newDraft, type TurnDraft } from './draft.ts'
import { endSteps, recordEnds } from './end-steps.ts'
import { endFailed } from './fail-turn.ts'
import { endNow } from './finish.ts'
import { type WorkflowMessage, type WorkflowStart, workflowMessages, workflowStartSchema } from './messages.ts'
import { openFunction } from './open-function.ts'
import { readOpenWait, takeBack } from './open-waits.ts'
import { runQuick } from './quick-turn.ts'
import { recordUndone } from './undo.ts'

/**
 * Workflows as a language of runs: the function of a program decides, and its operations are steps. Each turn calls the
 * function with what has ended, and starts what it begins.
 */
export function workflowLanguage(
  services: WorkflowServices,
  quick: QuickSteps,
): Language<WorkflowState, WorkflowStart, WorkflowMessage> {
  const of = { services, quick }
  return {
    name: WORKFLOW,
    first: { workflow: workflowStartSchema },
    message: workflowMessages,
    begin: (message, effects) => beginRun(of, message, effects),
    ended: (state, report, effects) => inTurn(of, state, effects, (draft) => handleEnds(draft, state, endsOf(report))),
    waits: (state, wait, effects) => inTurn(of, state, effects, (draft) => recordWait(draft, state, wait)),
    died: (state, death, effects) => inTurn(of, state, effects, (draft) => takeDeath(draft, state, death)),
    receive: (state, message, effects) => inTurn(of, state, effects, (draft) => handle(draft, state, message)),
    cancel: (state, { problem, undo }, effects) =>
      inTurn(of, state, effects, (draft) => cancelFunction(draft, state, problem, undo ? { undo } : {})),
    // a goal has no run of a workflow of its own, and other steps are undone before the run ends
    undo: (_state, message) => (message.type === 'undo' ? { reply: NOTHING_UNDONE } : {}),
    judging: ({ workflow }) => ({ isStopped: workflow.stopped !== undefined }),
  }
}

type TurnServices = Pick<TurnDraft, 'services' | 'quick'>

async function inTurn(
  services: TurnServices,
  state: WorkflowState,
  effects: Effects,
  act: (draft: TurnDraft) => Promise<Turn<WorkflowState>>,
): Promise<Turn<WorkflowState>> {
  if (isFinished(state)) return {}
  const draft = newDraft({ ...services, effects, start: await readStart(effects) })
  return orFail(draft, state, () => act(draft))
}

async function handle(draft: TurnDraft, state: WorkflowState, message: WorkflowMessage): Promise<Turn<WorkflowState>> {
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

async function beginRun(
  services: TurnServices,
  message: WorkflowStart,
  effects: Effects,
): Promise<Turn<WorkflowState>> {
  const { type: _, workflow, version, owner, detached, history, ...origin } = message
  const start = newStart(origin, effects, detached === true)
  const startedAt = messageTime(effects.message)
  const run: WorkflowState = {
    ...NEW_HEAD,
    status: 'running',
    name: workflow,
    startedAt,
    ...(owner !== undefined && { owner }),
    workflow: { of: workflow, ...(version !== undefined && { version }), turns: 0, next: 0, sleeping: {} },
  }
  const draft = newDraft({ ...services, effects, start })
  draft.parts.start = { ...start }
  draft.events.push({ type: 'run-start', name: workflow, steps: 0 })
  const begun = await orFail(draft, run, () =>
    history === undefined ? advance(draft, run, []) : beginFork(draft, run, history),
  )
  const index = begun.index ?? runIndex(run, start)
  return { ...begun, index, ...(detached && { reply: { status: 'started' } }) }
}

/** Begins a fork behind the recorded beginning of another run. */
async function beginFork(draft: TurnDraft, state: WorkflowState, hash: string): Promise<Turn<WorkflowState>> {
  const { turns, arrived, steps } = (await draft.services.values.get(hash)) as ForkedHistory
  for (const [turn, record] of turns.entries()) draft.parts[turnPart(turn)] = record as Json
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
    },
    parts: draft.parts,
    events: draft.events,
    send: [look],
  }
}

/** The ends of steps: outcomes of operations, or of a step that undoes another one. */
async function handleEnds(
  draft: TurnDraft,
  state: WorkflowState,
  given: readonly StepEnd[],
): Promise<Turn<WorkflowState>> {
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

async function recordWait(draft: TurnDraft, state: WorkflowState, wait: StepWait): Promise<Turn<WorkflowState>> {
  const { step, until, attempts, problem } = wait
  if (!state.inFlight.includes(step) && !(await readOpenWait(draft, state, step))) return {}
  return {
    parts: { [stepPartName(step)]: encodeStep({ status: 'running', retry: { until, attempts, problem } }) },
    events: [wait as Json],
  }
}

/** A step that died without an end has failed. */
async function takeDeath(
  draft: TurnDraft,
  state: WorkflowState,
  { problem, step, undelivered }: Death,
): Promise<Turn<WorkflowState>> {
  if (undelivered !== undefined) return endPoisoned(draft, state, problem, undelivered as PoisonedMessage)
  if (step === undefined) return {}
  const wasCutOff = isSettling(state) && problem.code === 'cancelled' && state.inFlight.includes(step)
  const next = wasCutOff ? await askAfterCutOff(draft, state, step) : failedEnd(step, problem)
  return 'step' in next ? handleEnds(draft, state, [next]) : next
}

type PoisonedMessage = WorkflowMessage | StepReport | BatchEnd

/** A message ended the process on each try: what ended with it stays, and the function fails without being called. */
async function endPoisoned(
  draft: TurnDraft,
  state: WorkflowState,
  problem: Problem,
  message: PoisonedMessage,
): Promise<Turn<WorkflowState>> {
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

/** The function did not end within its time: the run ends without it. */
async function graceOver(draft: TurnDraft, state: WorkflowState): Promise<Turn<WorkflowState>> {
  const { cancelled, undoing } = state.workflow
  return cancelled && !undoing ? endNow(draft, state, { status: 'cancelled', problem: cancelled.problem }) : {}
}

/** A turn that throws fails its run: otherwise the run would wait forever. */
async function orFail(
  draft: TurnDraft,
  state: WorkflowState,
  act: () => Promise<Turn<WorkflowState>>,
): Promise<Turn<WorkflowState>> {
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
