import { errorOf, InvalidError } from '../../errors.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import { decodeStep } from '../../pipeline/plan/codec.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import type { EndedStep } from '../../pipeline/plan/step-outcome.ts'
import type { LiveRun } from '../live/live-runs.ts'
import { openExecution, outcomeOf } from '../live/open-execution.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { type RecordedOutcome, turnPart } from '../replay/history.ts'
import type { Outcome } from '../replay/operation.ts'
import type { WorkflowState } from '../replay/state.ts'
import { type Ends, type TurnDraft, timeOf, type WorkflowTurn } from './draft.ts'
import { dropOperations } from './drop-operations.ts'
import { endFunction } from './end-function.ts'
import { recordEnds } from './record-ends.ts'
import { startOperations } from './start-operations.ts'
import { missingCode, type Stopping, stopRun } from './stop-run.ts'

/**
 * Hands outcomes to the function of a run, and carries out what it begins then. `given`: the outcomes, or what makes
 * them of the function.
 */
export async function advance(
  draft: TurnDraft,
  state: WorkflowState,
  given: readonly RecordedOutcome[] | ((execution: WorkflowExecution) => readonly RecordedOutcome[]),
  ends: Ends = new Map(),
): Promise<WorkflowTurn> {
  const { services, effects, parts, events } = draft
  const { arrived = [], stopped: _, ...progress } = state.workflow
  recordEnds(draft, ends)
  const run: WorkflowState = { ...state, workflow: progress }
  const opened = await openFunction(draft, run)
  if (!('execution' in opened)) return stopRun(draft, run, [...arrived, ...(Array.isArray(given) ? given : [])], opened)
  const { execution } = opened
  const own = [...arrived, ...(typeof given === 'function' ? given(execution) : given)]
  const dropped = execution.openDropped.filter(({ number }) => !own.includes(number))
  const all = [...dropped.map(({ number }) => number), ...own]
  execution.now = timeOf(effects.message)
  for (const recorded of all) {
    if (execution.end.type !== 'waits') break
    await execution.settle(await outcomeFor(draft, opened, recorded, ends))
  }
  execution.stopIfIdle()
  if (execution.end.type === 'stopped') return stopRun(draft, run, own, execution.end.stop)
  const begun = execution.operations.slice(opened.recorded)
  const operations = begun.map(({ type, id, at }) => (at === undefined ? [type, id] : [type, id, at]))
  const record = { now: execution.now, outcomes: all, operations } as unknown as Json
  if (!isWithinSize(record, MAX_RECORD)) throw tooManyAtOnce(execution, operations.length)
  parts[turnPart(progress.turns)] = record
  const off = dropOperations(draft, run, dropped)
  events.push(...opened.news.splice(0))
  const next: WorkflowState = { ...off.state, workflow: { ...off.state.workflow, turns: progress.turns + 1 } }
  opened.turns = next.workflow.turns
  opened.recorded = execution.operations.length
  services.live.put(effects.self.key, opened)
  const turn = await (execution.end.type === 'waits' ? startOperations : endFunction)(draft, next, opened)
  return dropped.length === 0
    ? turn
    : { ...turn, cancel: [...off.cancel, ...(turn.cancel ?? [])], timers: { ...off.timers, ...turn.timers } }
}

/** Characters of JSON of the record of a turn. */
const MAX_RECORD = 200 * 1024

const tooManyAtOnce = ({ name }: WorkflowExecution, count: number) =>
  new InvalidError(`The workflow ${name} began ${count} operations at once, which is too much for one record.`, {
    code: 'too_large',
    hint: 'Begin some at a time: ctx.map(items, each, { concurrency }).',
  })

/** The function of a run where it waits; or why it cannot be called. */
export async function openFunction(
  { services, effects, start }: TurnDraft,
  { workflow: { of, version, turns }, startedAt }: WorkflowState,
): Promise<LiveRun | Stopping> {
  const { key: id } = effects.self
  const known = services.live.take(id, turns)
  if (known) return known
  const workflow = services.workflows.find(of, version)
  if (!workflow) return missingCode(services.workflows, of, version)
  const live = await openExecution(services, workflow, { id, startedAt, start, turns })
  const { end } = live.execution
  return end.type === 'stopped' ? end.stop : live
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
