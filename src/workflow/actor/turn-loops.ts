import { errorOf, type Problem, refusal } from '../../errors.ts'
import { takenPart } from '../../run/actor/signals.ts'
import { progressPart } from '../../step/messages/progress.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import { storeRef } from '../../step/values.ts'
import { outcomeOfTurn } from '../live/open-execution.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { type RecordedTurn, turnPart } from '../replay/history.ts'
import type { WorkflowOperation } from '../replay/operation.ts'
import type { WorkflowState } from '../replay/state.ts'
import { lookAgain, type TurnDraft, writeRecord } from './draft.ts'
import { dropOpen } from './finish.ts'

/** How many iterations one message begins: those that wait for nothing end at once. */
const MAX_TURNS = 100

/** Lets loops that wait for their turn go on. */
export async function turnLoops(
  draft: TurnDraft,
  state: WorkflowState,
  execution: WorkflowExecution,
): Promise<WorkflowState> {
  let run: WorkflowState = { ...state, workflow: { ...state.workflow, turns: execution.record } }
  for (let count = 0; execution.due && execution.end.type === 'waits'; count++) {
    if (count === MAX_TURNS) {
      lookAgain(draft)
      return run
    }
    run = await turnLoop(draft, run, execution, execution.due)
  }
  return run
}

async function turnLoop(
  draft: TurnDraft,
  state: WorkflowState,
  execution: WorkflowExecution,
  { loop, turn, isFirst }: NonNullable<WorkflowExecution['due']>,
): Promise<WorkflowState> {
  const { values } = draft.services
  const { operations, open } = execution
  const other = operations.find(({ number }) => number > loop || (number < loop && open.includes(number)))
  if (isFirst && other) {
    const problem = notAlone(other)
    await execution.settle({ number: loop, error: errorOf(problem) })
    writeRecord(draft, execution, operations.length, { outcomes: [[loop, problem]] })
    return { ...state, workflow: { ...state.workflow, turns: execution.record } }
  }
  const iteration = (state.workflow.iteration ?? 0) + 1
  const recorded: RecordedTurn = { loop, iteration, turn: await storeRef(values, turn) }
  const run = await dropIteration(draft, state, operations.slice(loop + 1))
  // the record of the outcome that ended the iteration goes with it
  if (!isFirst) delete draft.parts[turnPart(execution.record - 1)]
  execution.record = operations[loop]!.record + 1
  await execution.turnLoop(await outcomeOfTurn(recorded, values))
  writeRecord(draft, execution, loop + 1, { turn: recorded, outcomes: [] })
  const { nextWait: _, ...workflow } = run.workflow
  return { ...run, workflow: { ...workflow, iteration, turns: execution.record, next: loop + 1 } }
}

/** Drops what is open of the iteration that has ended, and the records of its steps. */
async function dropIteration(draft: TurnDraft, state: WorkflowState, ended: readonly WorkflowOperation[]) {
  const { parts } = draft
  const run = await dropOpen(draft, state, { keepsSignals: true })
  for (const { id, type, work } of ended) {
    if (work.type === 'step') Object.assign(parts, { [stepPartName(id)]: null, [progressPart(id)]: null })
    if (type === 'approve') parts[takenPart(id)] = null
  }
  return run
}

const notAlone = ({ type, id }: WorkflowOperation): Problem =>
  refusal({
    code: 'loop_not_alone',
    message: `ctx.loop: expected that no other branch of the workflow waits meanwhile, and ${type} \`${id}\` does.`,
    hint: 'Begin it in the function of the loop, or give the loop a workflow of its own: await ctx.call(workflow, input).',
  })
