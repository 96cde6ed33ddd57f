import { errorOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Envelope } from '../../kernel/types.ts'
import { messageTime } from '../../run/messages.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import { type EndedStep, stepPartName } from '../../step/record/outcome.ts'
import type { LiveRun } from '../live/live-runs.ts'
import { outcomeOf } from '../live/open-execution.ts'
import { kindOf } from '../live/workflow-work.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { numberIn, type RecordedOutcome } from '../replay/history.ts'
import { hasEffect, type Outcome, type WorkflowOperation } from '../replay/operation.ts'
import { isStarted, type WorkflowState } from '../replay/state.ts'
import { copyOf, type Ends, type TurnDraft, type WorkflowTurn, writeRecord } from './draft.ts'
import { endFunction } from './end-function.ts'
import { dropOperations, recordEnds } from './end-steps.ts'
import { endFailed, orFailFunction } from './fail-turn.ts'
import type { RunQuick } from './messages.ts'
import { openFunction, stopRun } from './open-function.ts'
import { type Started, startMessage, startOperations, turnOfStarted } from './start-operations.ts'
import { turnLoops } from './turn-loops.ts'

/** Outcomes for the function of a run, or what makes them of the function. */
type GivenOutcomes = readonly RecordedOutcome[] | ((execution: WorkflowExecution) => readonly RecordedOutcome[])

/** Hands outcomes to the function of a run, and carries out what it begins then. */
export async function advance(
  draft: TurnDraft,
  state: WorkflowState,
  given: GivenOutcomes,
  ends: Ends = NO_ENDS,
): Promise<WorkflowTurn> {
  return takeEnds(draft, state, ends, async () => {
    const next = await handOut(draft, state, given, ends)
    return 'quick' in next ? leaveQuick(next) : next
  }) as Promise<WorkflowTurn>
}

const NO_ENDS: Ends = new Map()

/** Ends a turn: a turn to come does the quick steps that it has started. */
export async function leaveQuick(started: Started): Promise<WorkflowTurn> {
  const { draft, state, quick } = started
  const fast = quick.filter(({ work }) => work.type === 'code' && draft.quick.isFast(kindOf(work)))
  for (const step of quick) if (!fast.includes(step)) draft.send.push(await startMessage(draft, state, step))
  const [first, ...others] = fast
  if (first) {
    const { replyTo: to, body: batch, ...message } = await startMessage(draft, state, first, others)
    const body: RunQuick = { type: 'quick', batch }
    draft.send.push({ ...message, to: to!, body: body as Json, type: 'event' })
  }
  return turnOfStarted(started)
}

/** Records ends, and then does what follows from them; if that fails, the ends stay. */
export async function takeEnds<Next extends Started>(
  draft: TurnDraft,
  state: WorkflowState,
  ends: Ends,
  goOn: () => Promise<WorkflowTurn | Next>,
): Promise<WorkflowTurn | Next> {
  recordEnds(draft, ends)
  return state.workflow.failed ? endFailed(draft, state) : orFailFunction(draft, state, goOn)
}

/** Hands outcomes to the function of a run, and starts what it begins. `live`: the function, if the turn has it. */
export async function handOut(
  draft: TurnDraft,
  state: WorkflowState,
  given: GivenOutcomes,
  ends: Ends,
  live?: LiveRun,
): Promise<WorkflowTurn | Started> {
  const { services, effects } = draft
  const { arrived = [], stopped: _, ...progress } = state.workflow
  const run: WorkflowState = { ...state, workflow: progress }
  const opened = live ?? (await openFunction(draft, run))
  if (!('execution' in opened)) return stopRun(draft, run, [...arrived, ...(Array.isArray(given) ? given : [])], opened)
  const { execution } = opened
  const own = [...arrived, ...(typeof given === 'function' ? given(execution) : given)]
  const dropped = execution.openDropped.filter(({ number }) => !own.includes(number))
  const all = [...dropped.map(({ number }) => number), ...own]
  execution.now = messageTime(effects.message)
  execution.record = progress.turns
  // a call that the function has seen return is not made again after a kill
  if (own.some((recorded) => isCall(execution.operations[numberIn(recorded)]))) await effects.whenDurable()
  for (const recorded of all) {
    if (execution.end.type !== 'waits') break
    await execution.settle(await outcomeFor(draft, opened, recorded, ends))
  }
  // what a function does that stops here must not be written
  const going = copyOf(draft)
  if (all.length > 0 || execution.operations.length > opened.recorded)
    writeRecord(going, execution, opened.recorded, { outcomes: all })
  const fitting = await dropOperations(going, run, dropped, 'dropped by the code of today')
  const begun = execution.aborted.splice(0).filter((operation) => isStarted(operation, run))
  const left = await dropOperations(going, fitting, begun, 'given_up')
  const next = signed(effects.message, progress, await turnLoops(going, left, execution))
  execution.stopIfIdle()
  if (execution.end.type === 'stopped') return stopRun(draft, run, own, execution.end.stop)
  going.events.push(...opened.news.splice(0))
  opened.seen = next.workflow
  opened.recorded = execution.operations.length
  services.live.put(effects.self.key, opened)
  return execution.end.type === 'waits' ? startOperations(going, next, opened) : endFunction(going, next, opened)
}

const isCall = (operation: WorkflowOperation | undefined) => operation !== undefined && hasEffect(operation)

/** The state, with the message that made its newest turn. */
function signed({ id }: Envelope, before: WorkflowState['workflow'], state: WorkflowState): WorkflowState {
  const { workflow } = state
  const isNew = workflow.turns !== before.turns || workflow.iteration !== before.iteration
  return isNew ? { ...state, workflow: { ...workflow, last: id } } : state
}

async function outcomeFor(
  { services, effects }: TurnDraft,
  { execution }: LiveRun,
  recorded: RecordedOutcome,
  ends: Ends,
): Promise<Outcome> {
  if (typeof recorded !== 'number') return { number: recorded[0], error: errorOf(recorded[1]) }
  const operation = execution.operations[recorded]
  if (operation?.work.type !== 'step') return { number: recorded, value: undefined }
  const end = ends.get(operation.id) ?? decodeStep(await effects.part(stepPartName(operation.id)))
  return outcomeOf(recorded, end as EndedStep, services.values)
}
