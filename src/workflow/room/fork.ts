import { NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import { decodeStep, encodeStep } from '../../step/messages/codec.ts'
import { collectStepParts } from '../../step/messages/step-parts.ts'
import { hasEnded } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { outcomesOf, type RecordedRun, replayRun } from '../live/open-execution.ts'
import { type ForkedHistory, numberIn, readTurns, type TurnRecord } from '../replay/history.ts'
import type { WorkflowState } from '../replay/state.ts'

/** The history of a run before an operation's end; all of it without one. NotFoundError if the run has no such step. */
export async function historyOfFork(
  { readParts }: { readonly readParts: ReadParts },
  run: string,
  { workflow }: WorkflowState,
  at: string | undefined,
): Promise<ForkedHistory> {
  const all = await readTurns(readParts, run, workflow.turns)
  const ids = all.flatMap(({ operations }) => operations.map(([, id]) => id))
  const number = at === undefined ? -1 : ids.indexOf(at)
  if (at !== undefined && number < 0)
    throw new NotFoundError(`The run ${run} has no step ${at}.`, {
      code: 'unknown_step',
      hint: `It has ${ids.slice(0, 10).join(', ') || 'none yet'}.`,
    })
  const { turns, arrived } = before(all, number)
  const ended = new Set([...turns.flatMap(({ outcomes }) => outcomes), ...arrived].map(numberIn).map((one) => ids[one]))
  const parts = await collectStepParts(readParts, run)
  const steps: { [id: string]: Json } = {}
  for (const [id, part] of parts) if (ended.has(id) && hasEnded(part)) steps[id] = encodeStep(part)
  return { turns, arrived, steps }
}

/** The beginning of a history that the code of today still has. It is cut before the first operation that differs. */
export async function fittingHistory(
  workflow: Workflow,
  history: ForkedHistory,
  run: Omit<RecordedRun, 'turns' | 'outcomes'>,
  values: ValueStore,
): Promise<ForkedHistory> {
  const { turns, steps } = history
  const parts = new Map(Object.entries(steps).map(([id, part]) => [id, decodeStep(part)!]))
  const { execution } = await replayRun(workflow, { ...run, turns, outcomes: await outcomesOf(turns, parts, values) })
  const { end, operations } = execution
  return end.type === 'stopped' && end.stop.reason === 'diverged' ? cutBefore(history, operations.length) : history
}

function cutBefore({ turns, steps }: ForkedHistory, place: number): ForkedHistory {
  const fitting: TurnRecord[] = []
  let begun = 0
  for (const { operations, ...turn } of turns) {
    fitting.push({ ...turn, operations: operations.slice(0, place - begun) })
    begun += operations.length
    if (begun > place) break
  }
  const ids = new Set(fitting.flatMap(({ operations }) => operations.map(([, id]) => id)))
  const ended = new Set(fitting.flatMap(({ outcomes }) => outcomes.map(numberIn)))
  const operations = fitting.flatMap((turn) => turn.operations)
  const isKept = (id: string) => ids.has(id) && ended.has(operations.findIndex(([, one]) => one === id))
  return { turns: fitting, arrived: [], steps: Object.fromEntries(Object.entries(steps).filter(([id]) => isKept(id))) }
}

/** The turns before the outcome of an operation, and the outcomes before it in its own turn. */
function before(all: readonly TurnRecord[], number: number): Pick<ForkedHistory, 'turns' | 'arrived'> {
  const turn = all.findIndex(({ outcomes }) => outcomes.some((one) => numberIn(one) === number))
  if (turn < 0) return { turns: all, arrived: [] }
  const { outcomes } = all[turn]!
  const place = outcomes.findIndex((one) => numberIn(one) === number)
  return { turns: all.slice(0, turn), arrived: outcomes.slice(0, place) }
}
